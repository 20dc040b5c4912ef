// Land below the data, so that no cell at the coast is hidden, and coastlines above them.

import { PROJECTIONS } from './projections.js';
import { ask } from './wms.js';

const FINE_FROM = 3.2; // zoom from which the coarse outline would look cut with a knife
const EDGE = -89.9; // latitude at which Antarctica is closed on a flat map

/** The two layers of land; their colours come from the style sheet. */
export class Coast {
  /**
   * @param {string} base address of the folder with the land files
   * @param {(error: Error) => void} report
   */
  constructor(base, report) {
    this.base = base;
    this.report = report;
    this.land = new ol.layer.Vector({ className: 'land', zIndex: 0, source: new ol.source.Vector() });
    this.lines = new ol.layer.Vector({ className: 'coast', zIndex: 2, source: new ol.source.Vector() });
    /** @type {Map<string, Promise<number[][][][]>>} */
    this.files = new Map();
    this.drawn = '';
  }

  /**
   * Take the colours of the page as it now is, light or dark.
   * @param {CSSStyleDeclaration} css
   */
  restyle(css) {
    const colour = (/** @type {string} */ name) => css.getPropertyValue(name).trim();
    this.land.setStyle(new ol.style.Style({ fill: new ol.style.Fill({ color: colour('--land') }) }));
    // Two strokes, so that the line is seen on the palest and on the darkest colours.
    this.lines.setStyle([
      new ol.style.Style({ stroke: new ol.style.Stroke({ color: colour('--coast-halo'), width: 2.6 }) }),
      new ol.style.Style({ stroke: new ol.style.Stroke({ color: colour('--coast'), width: 1 }) }),
    ]);
  }

  /**
   * Draw for a projection and zoom; the finer file is fetched only by those who look closer.
   * @param {string} crs
   * @param {number} zoom
   */
  async draw(crs, zoom) {
    const file = zoom > FINE_FROM ? 'land-50m.json' : 'land-110m.json';
    const wanted = `${crs} ${file}`;
    if (this.drawn === wanted) return;
    this.drawn = wanted;
    let polygons;
    try {
      polygons = await this.polygons(file);
    } catch (error) {
      this.files.delete(file);
      this.drawn = '';
      this.report(new Error(`The coastlines could not be loaded. ${error instanceof Error ? error.message : ''}`));
      return;
    }
    if (this.drawn !== wanted) return;
    const { areas, lines } = projected(polygons, crs);
    replace(this.land.getSource(), new ol.geom.MultiPolygon(areas));
    replace(this.lines.getSource(), new ol.geom.MultiLineString(lines));
  }

  /** @type {(file: string) => Promise<number[][][][]>} */
  polygons(file) {
    const known = this.files.get(file);
    if (known) return known;
    const reading = ask(`${this.base}/${file}`, /json/).then(async (answer) => {
      const features = new ol.format.TopoJSON().readFeatures(await answer.json());
      return features.flatMap((/** @type {any} */ feature) => feature.getGeometry().getCoordinates());
    });
    this.files.set(file, reading);
    return reading;
  }
}

/** @type {(source: any, geometry: any) => void} */
function replace(source, geometry) {
  source.clear(true);
  source.addFeature(new ol.Feature(geometry));
}

/**
 * Project land for a map.
 * @param {number[][][][]} polygons rings of longitude and latitude
 * @param {string} crs
 */
function projected(polygons, crs) {
  const { pole } = PROJECTIONS[crs];
  const transform = ol.proj.getTransform('EPSG:4326', crs);
  // On a polar map the other hemisphere would run to infinity; the equator lies far off the page already.
  const place = ([lon, lat]) => transform([lon, pole ? pole * Math.max(pole * lat, 0) : lat], undefined, 2);
  const near = pole ? polygons.filter(([ring]) => ring.some(([, lat]) => lat * pole > 0)) : polygons.flatMap(flattened);
  const areas = near.map((rings) => rings.map((ring) => ring.map(place)));
  return { areas, lines: near.flat().flatMap(coastOf).map((line) => line.map(place)) };
}

/**
 * Lay a polygon of the sphere on a flat map: land across the 180th meridian runs on beyond it and is drawn at both
 * ends of the map, and land around a pole is closed along the map's edge.
 * @param {number[][][]} rings
 * @returns {number[][][][]}
 */
function flattened(rings) {
  const flat = rings.map(unrolled);
  const longitudes = flat[0].map(([lon]) => lon);
  const reach = [Math.min(...longitudes) < -180 ? 360 : 0, Math.max(...longitudes) > 180 ? -360 : 0];
  const shifts = new Set([0, ...reach]);
  return [...shifts].map((shift) => flat.map((ring) => ring.map(([lon, lat]) => [lon + shift, lat])));
}

/** @type {(ring: number[][]) => number[][]} */
function unrolled(ring) {
  const line = [ring[0]];
  for (const [lon, lat] of ring.slice(1)) {
    const before = line[line.length - 1][0];
    line.push([lon - 360 * Math.round((lon - before) / 360), lat]);
  }
  const mean = line.reduce((sum, [lon]) => sum + lon, 0) / line.length;
  const home = line.map(([lon, lat]) => [lon - 360 * Math.round(mean / 360), lat]);
  const [first, last] = [home[0], home[home.length - 1]];
  if (Math.abs(first[0] - last[0]) > 180) home.push([last[0], EDGE], [first[0], EDGE], first);
  return home;
}

/**
 * Take from a ring what is no coast: the cuts along the 180th meridian and the pole.
 * @param {number[][]} ring
 * @returns {number[][][]}
 */
function coastOf(ring) {
  const isCut = ([lon, lat], [lon2, lat2]) =>
    lat <= EDGE || lat2 <= EDGE || (Math.abs(lon) > 179.99 && Math.abs(lon - lon2) < 1e-6 && Math.abs(lon) < 180.01);
  const lines = [[ring[0]]];
  for (let at = 1; at < ring.length; at += 1) {
    if (isCut(ring[at - 1], ring[at])) lines.push([ring[at]]);
    else lines[lines.length - 1].push(ring[at]);
  }
  return lines.filter((line) => line.length > 1);
}
