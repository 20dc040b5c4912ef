// What is shown, and the same as the part of the address behind `#`, so that a link brings it back.

/**
 * @typedef {object} Shown
 * @property {string} layer name of the layer, empty before one is chosen
 * @property {string} time as the capabilities write it, empty without a time axis
 * @property {string} elevation as the capabilities write it, empty without levels
 * @property {Record<string, string>} dims values of further dimensions by name, as the capabilities write them
 * @property {string} palette empty for the layer's own
 * @property {[number, number]|null} range null for the layer's own
 * @property {boolean|null} log null for the layer's own
 * @property {number} opacity per cent
 * @property {string} crs
 * @property {[number, number, number]|null} view longitude and latitude of the centre, zoom
 * @property {[number, number]|null} at longitude and latitude of the place asked about
 */

const DIM = 'dim_'; // before the name of a dimension in a fragment, as in a request

/** @type {Readonly<Shown>} */
export const NOTHING = Object.freeze({
  layer: '', time: '', elevation: '', dims: {}, palette: '', range: null, log: null, opacity: 100, crs: 'EPSG:3857', view: null, at: null,
});

/** Holds what is shown and tells the others when it changes. */
export class State {
  /** @param {Partial<Shown>} [shown] */
  constructor(shown = {}) {
    /** @type {Shown} */
    this.shown = { ...NOTHING, ...shown };
    /** @type {((shown: Shown, changed: Set<string>) => void)[]} */
    this.listeners = [];
  }

  /** @param {(shown: Shown, changed: Set<string>) => void} listener called after each change */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** @param {Partial<Shown>} patch what is to differ; nothing happens where it does not */
  set(patch) {
    const before = /** @type {Record<string, unknown>} */ ({ ...this.shown });
    const changed = new Set(
      Object.entries(patch).filter(([key, value]) => !same(before[key], value)).map(([key]) => key),
    );
    if (changed.size === 0) return;
    this.shown = { ...this.shown, ...patch };
    for (const listener of this.listeners) listener(this.shown, changed);
  }
}

/**
 * Write what is shown as a fragment; what is as usual is left out.
 * @param {Shown} shown
 * @returns {string}
 */
export function writeHash(shown) {
  const { dims, ...plain } = shown;
  const parts = Object.entries(plain).filter(([key, value]) => {
    const usual = /** @type {Record<string, unknown>} */ (NOTHING)[key];
    return value !== null && !same(value, usual);
  });
  const named = Object.entries(dims).map(([name, value]) => [`${DIM}${encodeURIComponent(name)}`, value]);
  const written = (/** @type {unknown} */ value) => encodeURIComponent(String(value)).replace(/%(2F|3A|2C)/g, decodeURIComponent);
  return [...parts, ...named].map(([key, value]) => `${key}=${written(value)}`).join('&');
}

/**
 * Read a fragment. What cannot be read is as usual: links are typed, cut and mended by people.
 * @param {string} hash with or without `#`
 * @returns {Shown}
 */
export function readHash(hash) {
  const given = new Map();
  for (const part of hash.replace(/^#/, '').split('&')) {
    const cut = part.indexOf('=');
    if (cut > 0) given.set(decoded(part.slice(0, cut)), decoded(part.slice(cut + 1)));
  }
  const opacity = Number.parseFloat(given.get('opacity') ?? '100');
  const range = numbers(given.get('range'), 2);
  return {
    layer: given.get('layer') ?? '',
    time: given.get('time') ?? '',
    elevation: given.get('elevation') ?? '',
    dims: Object.fromEntries([...given].filter(([key]) => key.startsWith(DIM)).map(([key, value]) => [key.slice(DIM.length), value])),
    palette: given.get('palette') ?? '',
    range: range && range[0] < range[1] ? /** @type {[number, number]} */ (range) : null,
    log: given.has('log') ? given.get('log') === 'true' : null,
    opacity: opacity >= 0 && opacity <= 100 ? opacity : NOTHING.opacity,
    crs: given.get('crs') ?? NOTHING.crs,
    view: /** @type {[number, number, number]|null} */ (numbers(given.get('view'), 3)),
    at: /** @type {[number, number]|null} */ (numbers(given.get('at'), 2)),
  };
}

/** @type {(text: string) => string} */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray per cent sign: take the text as it stands
  }
}

/** @type {(text: string|undefined, count: number) => number[]|null} */
function numbers(text, count) {
  const values = (text ?? '').split(',').filter((part) => part.trim()).map(Number);
  return values.length === count && values.every(Number.isFinite) ? values : null;
}

/** @type {(one: unknown, other: unknown) => boolean} */
function same(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
