// The front page of a dissemination unit: the viewer over the whole window, on the unit's own map service.

import { mountViewer } from './viewer.js';

const root = document.getElementById('viewer');
if (root) await mountViewer(root, { service: 'wms', assets: 'viewer' });
