// What the service offers: WMS 1.3.0 capabilities (OGC 06-042, 7.2) and the layerDetails of ncWMS.

import { ServiceError, address, ask, readReport } from './wms.js';

/**
 * @typedef {{values: string, units: string, symbol: string, default: string}} Dimension
 * @typedef {{name: string, title: string}} Style
 * @typedef {{name: string, title: string, abstract: string, group: string, crs: Set<string>, bbox: number[]|null,
 *   dimensions: Map<string, Dimension>, styles: Style[]}} Layer `bbox` is west, south, east, north in degrees
 * @typedef {{title: string, layers: Layer[]}} Offer
 * @typedef {{units?: string, scaleRange?: [number, number], palettes?: string[], defaultPalette?: string,
 *   logScaling?: boolean, revision?: string, categorical?: boolean}} Details
 */

/**
 * Fetch and read the capabilities.
 * @param {string} service
 * @returns {Promise<Offer>}
 */
export async function fetchOffer(service) {
  const url = address(service, { service: 'WMS', request: 'GetCapabilities', version: '1.3.0' });
  return readOffer(await (await ask(url, /xml/)).text());
}

/**
 * Fetch what the standard has no place for: units, the usual range, palettes.
 * @param {string} service
 * @param {string} layer
 * @param {AbortSignal} signal
 * @returns {Promise<Details>}
 */
export async function fetchDetails(service, layer, signal) {
  const url = address(service, { request: 'GetMetadata', item: 'layerDetails', layerName: layer });
  return (await ask(url, /json/, signal)).json();
}

/**
 * Read a capabilities document. Children inherit as the standard says (06-042, 7.2.4.8).
 * @param {string} xml
 * @returns {Offer}
 */
export function readOffer(xml) {
  const report = readReport(xml);
  if (report) throw report;
  const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement;
  const capability = child(root, 'Capability');
  if (!capability) throw new ServiceError('The list of layers cannot be read: it is not a WMS capabilities document.');
  const service = child(root, 'Service');
  /** @type {Layer[]} */
  const layers = [];
  for (const top of children(capability, 'Layer')) collect(top, null, layers);
  return { title: (service && text(service, 'Title')) || 'Ocean data', layers };
}

/** @type {(element: Element, parent: Layer|null, into: Layer[]) => void} */
function collect(element, parent, into) {
  const layer = readLayer(element, parent);
  if (layer.name) into.push(layer);
  for (const inner of children(element, 'Layer')) collect(inner, layer, into);
}

/** @type {(element: Element, parent: Layer|null) => Layer} */
function readLayer(element, parent) {
  const styles = children(element, 'Style').map((style) => ({ name: text(style, 'Name'), title: text(style, 'Title') }));
  const dimensions = new Map(parent?.dimensions);
  for (const found of children(element, 'Dimension')) dimensions.set(found.getAttribute('name') ?? '', readDimension(found));
  return {
    name: text(element, 'Name'),
    title: text(element, 'Title') || text(element, 'Name'),
    abstract: text(element, 'Abstract'),
    // The group is the nearest layer above that cannot be drawn itself: a dataset.
    group: parent ? parent.title : '',
    crs: new Set([...(parent?.crs ?? []), ...children(element, 'CRS').map((crs) => crs.textContent?.trim() ?? '')]),
    bbox: readBox(child(element, 'EX_GeographicBoundingBox')) ?? parent?.bbox ?? null,
    dimensions,
    // What is said of the layer itself comes first: it tells how the layer is drawn by itself.
    styles: [...styles, ...(parent?.styles ?? [])],
  };
}

/** @type {(element: Element) => Dimension} */
function readDimension(element) {
  return {
    values: element.textContent?.trim() ?? '',
    units: element.getAttribute('units') ?? '',
    symbol: element.getAttribute('unitSymbol') ?? '',
    default: element.getAttribute('default') ?? '',
  };
}

/** @type {(element: Element|null) => number[]|null} */
function readBox(element) {
  if (!element) return null;
  const sides = ['westBoundLongitude', 'southBoundLatitude', 'eastBoundLongitude', 'northBoundLatitude'];
  const box = sides.map((side) => Number.parseFloat(text(element, side)));
  return box.every(Number.isFinite) ? box : null;
}

/** @type {(element: Element, name: string) => Element[]} */
function children(element, name) {
  return [...element.children].filter((found) => found.localName === name);
}

/** @type {(element: Element, name: string) => Element|null} */
function child(element, name) {
  return children(element, name)[0] ?? null;
}

/** @type {(element: Element, name: string) => string} */
function text(element, name) {
  return child(element, name)?.textContent?.trim() ?? '';
}
