// The same layer for Google Earth, with what is chosen here.

import { mapParameters } from './scene.js';

/**
 * The address of the layer as KML, beside the map service.
 * @param {string} service
 * @param {import('./scene.js').Scene} scene
 * @param {import('./state.js').Shown} shown
 * @returns {string}
 */
export function earthAddress(service, scene, shown) {
  const { LAYERS: layer, REVISION: _, ...parameters } = mapParameters(scene, shown);
  const url = new URL(service, document.baseURI);
  const path = String(layer).split('/').map(encodeURIComponent).join('/');
  url.pathname = url.pathname.replace(/[^/]*$/, `kml/${path}.kml`);
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value);
  }
  return url.href;
}
