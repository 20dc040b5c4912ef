// The legend: the service's own colours, with a scale written by the page so that it stays sharp and follows the theme.

import { h } from './dom.js';
import { isLog, paletteOf, styleOf } from './scene.js';
import { numberText, unitText } from './text.js';
import { address, ask } from './wms.js';

/**
 * The address of a plain bar of colours.
 * @param {string} service
 * @param {import('./scene.js').Scene} scene
 * @param {string} palette
 * @returns {string}
 */
export function barAddress(service, scene, palette) {
  return address(service, {
    service: 'WMS', version: '1.3.0', request: 'GetLegendGraphic', format: 'image/png', layer: scene.layer.name,
    style: styleOf(scene, palette), palette, colorbaronly: true, vertical: false, width: 256, height: 12,
    ...(scene.details.revision ? { revision: scene.details.revision } : {}),
  });
}

/**
 * Draw a bar of colours across a canvas, low values left.
 * @param {HTMLCanvasElement} canvas
 * @param {string} url
 */
export async function drawBar(canvas, url) {
  const picture = await createImageBitmap(await (await ask(url, /^image\//)).blob());
  const pen = canvas.getContext('2d');
  if (!pen || canvas.dataset.url !== url) return; // another palette was asked for meanwhile
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const upright = picture.height > picture.width; // some services only know upright bars, high values on top
  if (upright) pen.setTransform(0, canvas.height, -canvas.width, 0, canvas.width, 0);
  else pen.setTransform(canvas.width, 0, 0, canvas.height, 0, 0);
  pen.drawImage(picture, 0, 0, 1, 1);
}

/**
 * Choose round values for a scale.
 * @param {number} low
 * @param {number} high
 * @param {boolean} log
 * @returns {{value: number, share: number}[]} with the share of the bar's length, 0 to 1
 */
export function ticks(low, high, log) {
  if (log && low > 0) {
    const span = Math.log10(high) - Math.log10(low);
    const leading = span > 2.5 ? [1] : span > 1.2 ? [1, 3] : [1, 2, 5];
    const powers = Array.from({ length: Math.ceil(span) + 2 }, (_, at) => Math.floor(Math.log10(low)) + at);
    const values = powers.flatMap((power) => leading.map((first) => Number(`${first}e${power}`)));
    const inside = values.filter((value) => value >= low * 0.999999 && value <= high * 1.000001);
    return inside.map((value) => ({ value, share: (Math.log10(value) - Math.log10(low)) / span }));
  }
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((first) => first * power).find((one) => one >= rough * 0.85) ?? power * 10;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => (first + at) * step)
    .map((value) => ({ value, share: (value - low) / (high - low) }));
}

/** The card at the lower right. */
export class Legend {
  /**
   * @param {string} service
   * @param {(error: Error) => void} report
   */
  constructor(service, report) {
    this.service = service;
    this.report = report;
    this.title = h('span', { class: 'legend-title' });
    this.units = h('span', { class: 'legend-units' });
    this.bar = h('canvas', { class: 'bar', width: 256, height: 1 });
    this.scale = h('div', { class: 'scale' });
    const failed = () => report(new Error('The legend could not be loaded.'));
    this.picture = h('img', { class: 'legend-picture', hidden: true, onerror: failed });
    this.element = h('figure', { class: 'card legend', 'aria-label': 'Legend', hidden: true },
      h('figcaption', {}, this.title, this.units), this.bar, this.scale, this.picture);
  }

  /**
   * @param {import('./scene.js').Scene} scene
   * @param {import('./state.js').Shown} shown
   */
  show(scene, shown) {
    const range = shown.range ?? scene.details.scaleRange;
    const plain = !scene.details.categorical && range !== undefined;
    this.title.textContent = scene.layer.title;
    this.units.textContent = unitText(scene.details.units);
    this.element.hidden = false;
    this.bar.hidden = !plain;
    this.scale.hidden = !plain;
    this.picture.hidden = plain;
    if (plain) this.showScale(scene, shown, range);
    else this.showPicture(scene, shown);
  }

  /** @type {(scene: import('./scene.js').Scene, shown: import('./state.js').Shown, range: [number, number]) => void} */
  showScale(scene, shown, [low, high]) {
    const url = barAddress(this.service, scene, paletteOf(scene, shown));
    if (this.bar.dataset.url !== url) {
      this.bar.dataset.url = url;
      drawBar(this.bar, url).catch(this.report);
    }
    this.scale.replaceChildren(...ticks(low, high, isLog(scene, shown)).map(({ value, share }) => {
      const tick = h('span', { class: 'tick' }, numberText(value));
      tick.style.left = `${share * 100}%`;
      return tick;
    }));
  }

  /** @type {(scene: import('./scene.js').Scene, shown: import('./state.js').Shown) => void} */
  showPicture(scene, shown) {
    this.picture.alt = `Legend of ${scene.layer.title}`;
    this.picture.src = address(this.service, {
      service: 'WMS', version: '1.3.0', request: 'GetLegendGraphic', format: 'image/png', layer: scene.layer.name,
      style: styleOf(scene, paletteOf(scene, shown)), colorbaronly: false, logscale: isLog(scene, shown),
      ...(shown.range ? { colorscalerange: shown.range.join(',') } : {}),
    });
  }
}
