// The value at a place: GetFeatureInfo (06-042, 7.4) in a small window over the map.

import { h, iconButton } from './dom.js';
import { mapParameters } from './scene.js';
import { dimensionText, levelText, numberText, placeText, unitText } from './text.js';
import { ask } from './wms.js';

/** Asks for the value at a place and shows it there. */
export class Identify {
  /**
   * @param {import('./map.js').OceanMap} oceanMap
   * @param {import('./state.js').State} state
   * @param {(error: Error) => void} report
   */
  constructor(oceanMap, state, report) {
    this.oceanMap = oceanMap;
    this.state = state;
    this.report = report;
    /** @type {AbortController|null} */
    this.asking = null;
    this.body = h('div', { class: 'popup-body', role: 'status', 'aria-live': 'polite' });
    const close = iconButton('close', 'Close', () => state.set({ at: null }));
    this.element = h('div', { class: 'card popup' }, this.body, close);
    this.overlay = new ol.Overlay({ element: this.element, positioning: 'bottom-center', offset: [0, -14], stopEvent: true });
    this.marker = new ol.Overlay({ element: h('div', { class: 'marker' }), positioning: 'center-center', stopEvent: false });
    oceanMap.map.addOverlay(this.marker);
    oceanMap.map.addOverlay(this.overlay);
    oceanMap.map.on('singleclick', (/** @type {any} */ event) => this.choose(event.coordinate));
    oceanMap.target.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter' && event.target === oceanMap.target) this.choose(oceanMap.view.getCenter());
      if (event.key === 'Escape') state.set({ at: null });
    });
  }

  /** @param {number[]} coordinate in the projection of the map */
  choose(coordinate) {
    const [lon, lat] = ol.proj.toLonLat(coordinate, this.oceanMap.view.getProjection());
    this.state.set({ at: [Number(lon.toFixed(4)), Number(lat.toFixed(4))] });
  }

  /**
   * Ask about the place of the state, or close the window if there is none.
   * @param {import('./scene.js').Scene} scene
   */
  async show(scene) {
    const { shown } = this.state;
    this.asking?.abort();
    const projection = this.oceanMap.view.getProjection();
    const position = shown.at ? ol.proj.fromLonLat(shown.at, projection) : undefined;
    this.overlay.setPosition(position);
    this.marker.setPosition(position);
    const url = shown.at ? this.address(scene, shown.at) : undefined;
    if (!url) return;
    const { signal } = (this.asking = new AbortController());
    this.element.classList.add('asking');
    if (!this.body.hasChildNodes()) this.body.append(h('p', { class: 'value' }, '…'));
    try {
      const found = await (await ask(url, /json/, signal)).json();
      this.tell(scene, found.features?.[0]?.properties, shown.at);
    } catch (error) {
      if (signal.aborted) return;
      this.state.set({ at: null });
      this.report(error instanceof Error ? error : new Error(String(error)));
    }
    this.element.classList.remove('asking');
    this.overlay.panIntoView({ animation: { duration: 150 }, margin: 24 });
  }

  /** @type {(scene: import('./scene.js').Scene, at: [number, number]) => string|undefined} */
  address(scene, [lon, lat]) {
    const { view, source } = this.oceanMap;
    const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180; // a click in a repeated world asks about the one world
    const place = ol.proj.fromLonLat([wrapped, lat], view.getProjection());
    const { COLORSCALERANGE, LOGSCALE, ...parameters } = mapParameters(scene, this.state.shown);
    return source.getFeatureInfoUrl(place, view.getResolution(), view.getProjection(), {
      ...parameters, QUERY_LAYERS: scene.layer.name, INFO_FORMAT: 'application/json', FEATURE_COUNT: 1,
      COLORSCALERANGE, LOGSCALE,
    });
  }

  /** @type {(scene: import('./scene.js').Scene, found: Record<string, any>|undefined, at: [number, number]) => void} */
  tell(scene, found, at) {
    const value = found?.value;
    const has = typeof value === 'number' && Number.isFinite(value);
    const units = unitText(found?.units ?? scene.details.units);
    const words = has ? [h('strong', {}, numberText(value, 5)), ` ${units}`] : [typeof value === 'string' ? value : 'No data here'];
    const elevation = found?.elevation ?? null;
    const where = [placeText(at[0], at[1])];
    for (const { name, units } of scene.others) {
      const value = found?.dimensions?.[name];
      if (value !== undefined) where.push(`${name.replaceAll('_', ' ')} ${dimensionText(String(value), units)}`);
    }
    if (elevation !== null) where.push(levelText(Number(elevation), scene.levelUnits));
    this.body.replaceChildren(
      h('p', { class: has ? 'value' : 'value none' }, ...words),
      h('p', { class: 'what' }, found?.name ?? scene.layer.title),
      h('p', { class: 'where' }, where.join(' · ')),
      ...(found?.time ? [h('p', { class: 'where' }, found.time)] : []),
    );
  }
}
