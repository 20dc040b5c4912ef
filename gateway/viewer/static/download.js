// The address at which the numbers behind a layer can be downloaded.

/**
 * The form for a part of the dataset that a layer belongs to, beside the map service.
 * @param {string} service
 * @param {import('./scene.js').Scene} scene
 * @returns {string}
 */
export function downloadAddress(service, scene) {
  const [dataset] = scene.layer.name.split('/');
  const url = new URL(service, document.baseURI);
  url.pathname = url.pathname.replace(/[^/]*$/, `thredds/ncss/grid/${encodeURIComponent(dataset)}/dataset.html`);
  return url.href;
}
