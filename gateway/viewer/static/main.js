// The front page of a dissemination unit: the viewer over the whole window, on the unit's own map service.

import { mountViewer } from './viewer.js';

// Who was let in by the address of the page asks for the maps by it too.
const given = [...new URLSearchParams(location.search)].filter(([name]) => name.toLowerCase() === 'token');
const service = given.length ? `wms?${new URLSearchParams(given.slice(0, 1))}` : 'wms';

const root = document.getElementById('viewer');
if (root) await mountViewer(root, { service, assets: 'viewer' });
