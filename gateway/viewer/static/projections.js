// The map projections the page can draw in. Which of them are offered is up to the service.

/**
 * @typedef {{title: string, home: [number, number, number], pole: -1|0|1}} Projection `home` is longitude, latitude and
 *   zoom; `pole` is the hemisphere of a polar map
 */

/** @type {Record<string, Projection>} */
export const PROJECTIONS = {
  'EPSG:3857': { title: 'World', home: [0, 20, 2], pole: 0 },
  'EPSG:4326': { title: 'Lat/lon', home: [0, 10, 1.5], pole: 0 },
  'EPSG:3413': { title: 'Arctic', home: [-45, 89.9, 2.4], pole: 1 },
  'EPSG:3031': { title: 'Antarctic', home: [0, -89.9, 2.4], pole: -1 },
};

const POLAR = {
  'EPSG:3413': '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
  'EPSG:3031': '+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs',
};
const POLAR_HALF = 1.5 * 2 ** 22; // metres: to about 37 degrees at the middle of each side

/** Make the polar projections known to OpenLayers. */
export function registerProjections() {
  for (const [code, definition] of Object.entries(POLAR)) proj4.defs(code, definition);
  ol.proj.proj4.register(proj4);
  for (const code of Object.keys(POLAR)) {
    ol.proj.get(code).setExtent([-POLAR_HALF, -POLAR_HALF, POLAR_HALF, POLAR_HALF]);
  }
}

/**
 * Whether a place may be the centre of a map in this projection.
 * @param {string} code
 * @param {number} lat
 * @returns {boolean}
 */
export function shows(code, lat) {
  const { pole } = PROJECTIONS[code];
  return pole === 0 ? Math.abs(lat) < 85 : lat * pole > 40;
}
