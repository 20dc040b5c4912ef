// One layer with its axes, and the WMS parameters that follow from it and from what is shown.

import { TimeAxis } from './axis.js';

/**
 * @typedef {import('./capabilities.js').Layer} Layer
 * @typedef {import('./capabilities.js').Details} Details
 * @typedef {import('./state.js').Shown} Shown
 * @typedef {object} Scene
 * @property {Layer} layer
 * @property {Details} details empty until they have arrived, and for good if they could not be had
 * @property {boolean} ready whether they have arrived or failed
 * @property {TimeAxis} times
 * @property {string[]} levels elevations from the surface away, as the capabilities write them
 * @property {string} levelUnits
 * @property {import('./dimensions.js').Other[]} others dimensions beside time and elevation
 */

/**
 * Make the scene of a layer.
 * @param {Layer} layer
 * @returns {Scene}
 */
export function sceneOf(layer) {
  const elevation = layer.dimensions.get('elevation');
  const levels = listed(elevation?.values ?? '');
  const others = [...layer.dimensions].filter(([name]) => name !== 'time' && name !== 'elevation');
  return {
    layer,
    details: {},
    ready: false,
    times: new TimeAxis(layer.dimensions.get('time')?.values ?? ''),
    levels: levels.sort((one, other) => Math.abs(Number(one)) - Math.abs(Number(other))),
    levelUnits: elevation?.symbol || elevation?.units || 'm',
    others: others.map(([name, found]) => (
      { name, values: listed(found.values), units: found.symbol || found.units, default: found.default })),
  };
}

/** @type {(values: string) => string[]} */
function listed(values) {
  return values.split(/[,/]/).map((part) => part.trim()).filter(Boolean);
}

/**
 * Fit what was shown to another layer: the nearest of its times and levels, else its defaults.
 * @param {Scene} scene
 * @param {Shown} shown
 * @returns {{time: string, elevation: string, dims: Record<string, string>}}
 */
export function fitted(scene, shown) {
  const { times, levels, layer, others } = scene;
  const wanted = shown.time || layer.dimensions.get('time')?.default || '';
  const exact = times.indexOf(wanted);
  const step = exact >= 0 ? exact : times.nearest(wanted);
  const level = shown.elevation || layer.dimensions.get('elevation')?.default || levels[0] || '';
  const distance = (/** @type {string} */ one) => Math.abs(Number(one) - Number(level));
  return {
    time: times.length ? times.at(step >= 0 ? step : times.length - 1) : '',
    elevation: levels.reduce((best, one) => (distance(one) < distance(best) ? one : best), levels[0] ?? ''),
    // The next member or wavelength is another thing, not nearly the same: what is not there is the default.
    dims: Object.fromEntries(others.map(({ name, values, default: usual }) => (
      [name, values.find((one) => one === shown.dims[name]) ?? (usual || (values[0] ?? ''))]))),
  };
}

/**
 * The palettes to choose from.
 * @param {Scene} scene
 * @returns {string[]}
 */
export function palettes({ layer, details }) {
  if (details.palettes?.length) return details.palettes;
  const named = layer.styles.map((style) => style.name.split('/')[1]).filter(Boolean);
  return [...new Set(named)];
}

/**
 * The palette in use; empty if the service alone knows.
 * @param {Scene} scene
 * @param {Shown} shown
 * @returns {string}
 */
export function paletteOf(scene, shown) {
  return shown.palette || scene.details.defaultPalette || palettes(scene)[0] || '';
}

/**
 * The name of the style with a palette.
 * @param {Scene} scene
 * @param {string} palette
 * @returns {string}
 */
export function styleOf({ layer }, palette) {
  const base = layer.styles[0]?.name.split('/')[0] ?? 'default-scalar';
  return palette ? `${base}/${palette}` : '';
}

/**
 * Whether colours follow the logarithm.
 * @param {Scene} scene
 * @param {Shown} shown
 * @returns {boolean}
 */
export function isLog(scene, shown) {
  return shown.log ?? scene.details.logScaling ?? false;
}

/**
 * The parameters of GetMap that follow from the scene; undefined where the service is to use its default.
 * @param {Scene} scene
 * @param {Shown} shown
 * @returns {Record<string, string|undefined>}
 */
export function mapParameters(scene, shown) {
  return {
    LAYERS: scene.layer.name,
    STYLES: styleOf(scene, shown.palette || scene.details.defaultPalette || ''),
    TIME: shown.time || undefined,
    ELEVATION: shown.elevation || undefined,
    ...Object.fromEntries(scene.others.map(({ name }) => [`DIM_${name}`, shown.dims[name] || undefined])),
    COLORSCALERANGE: shown.range ? shown.range.join(',') : undefined,
    LOGSCALE: shown.log === null ? undefined : String(shown.log),
    REVISION: scene.details.revision || undefined, // lets the browser keep the pictures for good
  };
}
