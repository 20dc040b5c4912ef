// Numbers, units, depths and places in the words people use.

const SYMBOLS = new Map([
  ['degc', '°C'], ['deg_c', '°C'], ['celsius', '°C'], ['degree_celsius', '°C'], ['degrees_celsius', '°C'],
  ['degree_c', '°C'], ['degrees_c', '°C'], ['kelvin', 'K'], ['degree', '°'], ['degrees', '°'], ['1', ''],
  ['1e-3', '× 10⁻³'], ['0.001', '× 10⁻³'], ['percent', '%'],
]);
const RAISED = new Map([...'-0123456789'].map((sign, at) => [sign, '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'[at]]));

/**
 * Write a CF unit string as it is printed: `m s-1` becomes m s⁻¹.
 * @param {string|null|undefined} units
 * @returns {string}
 */
export function unitText(units) {
  const text = (units ?? '').trim();
  const known = SYMBOLS.get(text.toLowerCase());
  if (known !== undefined) return known;
  return text.replace(/(?<=[A-Za-z)])(?:\^|\*\*)?(-?\d+)(?![\w.])/g, (_, power) => [...power].map((c) => RAISED.get(c)).join(''));
}

/**
 * Write a number briefly, to `digits` significant figures, with a true minus sign.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function numberText(value, digits = 4) {
  const short = Number(value.toPrecision(digits));
  const size = Math.abs(short);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? short.toExponential() : String(short);
  return text.replaceAll('-', '−');
}

/**
 * Write a WMS elevation. In metres, what is negative lies below the surface and is told as a depth.
 * @param {number} elevation
 * @param {string} units
 * @returns {string}
 */
export function levelText(elevation, units) {
  if (units !== 'm') return `${numberText(elevation, 6)} ${unitText(units)}`.trim();
  if (elevation > 0) return `${numberText(elevation)} m above`;
  return `${numberText(Math.abs(elevation))} m`;
}

/**
 * Write a place along a dimension with all its digits: they tell it from its neighbours.
 * @param {string} value as the service writes it
 * @param {string} units
 * @returns {string}
 */
export function dimensionText(value, units) {
  return `${value.replaceAll('-', '−')} ${unitText(units)}`.trim();
}

/**
 * Write a place as degrees with hemispheres.
 * @param {number} lon
 * @param {number} lat
 * @returns {string}
 */
export function placeText(lon, lat) {
  const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180;
  return `${half(lat, 'N', 'S')}, ${half(wrapped, 'E', 'W')}`;
}

/** @type {(value: number, plus: string, minus: string) => string} */
function half(value, plus, minus) {
  return `${Math.abs(value).toFixed(3)}° ${value < 0 ? minus : plus}`;
}
