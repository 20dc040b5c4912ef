// The viewer as one component: give it an element and the address of a map service.

import { fetchDetails, fetchOffer } from './capabilities.js';
import { ColourPicker } from './colours.js';
import { DepthPicker } from './depth.js';
import { DimensionPickers } from './dimensions.js';
import { h } from './dom.js';
import { downloadAddress } from './download.js';
import { earthAddress } from './earth.js';
import { Identify } from './identify.js';
import { LayerList } from './layers.js';
import { Legend } from './legend.js';
import { OceanMap } from './map.js';
import { Notices } from './notice.js';
import { MapButtons, Panel } from './panel.js';
import { PROJECTIONS } from './projections.js';
import { fitted, palettes, sceneOf } from './scene.js';
import { State, readHash, writeHash } from './state.js';
import { TimeBar } from './time.js';
import { ServiceError, address } from './wms.js';

/**
 * Build a viewer into an element and start it.
 * @param {HTMLElement} root
 * @param {{service: string, assets: string}} addresses of the WMS and of the folder of this file, relative to the page
 * @returns {Promise<void>}
 */
export async function mountViewer(root, addresses) {
  const notices = new Notices();
  const target = h('div', { class: 'map', tabindex: 0, role: 'application', 'aria-label': 'Map. Arrows move, plus and minus zoom, Enter tells the value at the centre.' });
  root.replaceChildren(target, notices.element);
  const start = async () => {
    notices.loading(true, 'layers');
    try {
      new Viewer(root, target, notices, addresses, await fetchOffer(addresses.service)).begin();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      notices.explain('The layers could not be loaded', [h('p', {}, error.message)], () => location.reload());
    } finally {
      notices.loading(false, 'layers');
    }
  };
  await start();
}

/** Ties the parts together: each tells the state what was chosen, and is told what is shown. */
class Viewer {
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} target
   * @param {Notices} notices
   * @param {{service: string, assets: string}} addresses
   * @param {import('./capabilities.js').Offer} offer
   */
  constructor(root, target, notices, { service, assets }, offer) {
    const say = (/** @type {Error} */ error) => notices.say(error);
    this.service = service;
    this.notices = notices;
    this.layers = new Map(offer.layers.map((layer) => [layer.name, layer]));
    this.state = new State(this.known(readHash(location.hash)));
    const { state } = this;
    this.map = new OceanMap(target, { service, assets, state, notices });
    this.panel = new Panel(offer.title);
    this.list = new LayerList(offer.layers, (layer) => this.choose(layer));
    this.depth = new DepthPicker((elevation) => state.set({ elevation }));
    this.dimensions = new DimensionPickers((name, value) => state.set({ dims: { ...state.shown.dims, [name]: value } }));
    this.colours = new ColourPicker(service, state, say);
    this.legend = new Legend(service, say);
    this.time = new TimeBar((time) => state.set({ time }), () => this.map.settled(), say);
    this.buttons = new MapButtons((crs) => state.set({ crs, view: null }), (step) => this.map.zoom(step));
    this.identify = new Identify(this.map, state, say);
    this.earth = h('a', { title: 'This layer, with these colours, for Google Earth (KML)' }, 'Google Earth');
    this.download = h('a', { title: 'The numbers of this dataset: choose a part, and download it as NetCDF or CSV' }, 'Download');
    const foot = h('footer', { class: 'foot' },
      h('a', { href: address(service, { service: 'WMS', request: 'GetCapabilities' }), title: 'The address of these maps for QGIS and others' }, 'WMS'),
      this.earth,
      this.download,
      h('span', {}, 'Coastlines: Natural Earth'));
    this.panel.body.append(this.list.element, this.depth.element, this.dimensions.element, this.colours.element, foot);
    this.over = h('div', { class: 'over' }, this.panel.element, this.buttons.element, this.time.element, this.legend.element);
    root.append(this.over);
    document.title = offer.title;
  }

  /** Show what the address asks for, or the first layer. */
  begin() {
    if (this.layers.size === 0) {
      this.notices.explain('Nothing to show yet', [
        h('p', {}, 'This unit has no layers that you may see.'),
        h('p', {}, 'If it is yours, name NetCDF files in its configuration and run ', h('code', {}, 'halocline ingest config.yaml'),
          ', or start it with the files: ', h('code', {}, 'halocline serve FILE.nc'), '. Then reload this page.'),
      ], () => location.reload());
      this.map.place();
      this.over.hidden = true;
      return;
    }
    this.state.onChange((shown, changed) => this.follow(changed));
    window.addEventListener('hashchange', () => {
      if (location.hash.slice(1) !== writeHash(this.state.shown)) this.state.set(this.known(readHash(location.hash)));
    });
    this.map.place();
    const { layer, view, time } = this.state.shown;
    this.enter(this.layers.get(layer));
    if (view === null) this.map.goTo(this.scene.layer.bbox, true);
    const { time: found } = this.state.shown;
    if (time && found !== time) {
      this.notices.say(new Error(`This layer has no ${time}. The nearest that it has is shown: ${found || 'no time at all'}.`));
    }
  }

  /** @type {(shown: import('./state.js').Shown) => import('./state.js').Shown} */
  known(shown) {
    const layer = this.layers.get(shown.layer) ?? this.layers.values().next().value;
    if (shown.layer && layer?.name !== shown.layer) {
      this.notices.say(new Error(`There is no layer “${shown.layer}” here, or you may not see it. Another one is shown.`));
    }
    return { ...shown, layer: layer?.name ?? '', crs: PROJECTIONS[shown.crs] && layer?.crs.has(shown.crs) ? shown.crs : 'EPSG:3857' };
  }

  /** @param {string} name of a layer chosen by hand: its own colours come with it */
  choose(name) {
    this.notices.clear();
    const layer = this.layers.get(name);
    if (!layer) return;
    const crs = layer.crs.has(this.state.shown.crs) ? this.state.shown.crs : 'EPSG:3857';
    this.state.set({ layer: name, range: null, log: null, palette: '', crs });
    this.map.goTo(layer.bbox, false);
    this.panel.chosen();
  }

  /** @type {(layer: any) => void} */
  enter(layer) {
    this.scene = sceneOf(layer);
    this.list.mark(layer.name);
    this.panel.now.textContent = layer.title;
    this.state.set(fitted(this.scene, this.state.shown));
    this.learn(this.scene);
  }

  /** @type {(scene: import('./scene.js').Scene) => Promise<void>} */
  async learn(scene) {
    this.learning?.abort();
    const { signal } = (this.learning = new AbortController());
    this.notices.loading(true, 'details');
    try {
      scene.details = await fetchDetails(this.service, scene.layer.name, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.notices.say(error instanceof Error ? error : new Error(String(error)), () => this.learn(scene));
    }
    this.notices.loading(false, 'details');
    scene.ready = true;
    const { palette } = this.state.shown;
    if (palette && palettes(scene).length && !palettes(scene).includes(palette)) this.state.set({ palette: '' });
    this.refresh();
    this.identify.show(scene);
  }

  /** @param {Set<string>} changed */
  follow(changed) {
    if (changed.has('crs') || changed.has('view')) this.map.place();
    if (changed.has('layer')) {
      this.enter(this.layers.get(this.state.shown.layer));
    } else {
      if ([...changed].some((key) => key !== 'view')) this.refresh();
      if (['at', 'time', 'elevation', 'dims', 'crs'].some((key) => changed.has(key))) this.identify.show(this.scene);
    }
    history.replaceState(null, '', `#${writeHash(this.state.shown)}`);
  }

  refresh() {
    const { scene, state: { shown } } = this;
    this.time.show(scene.times, shown.time);
    this.depth.show(scene.levels, scene.levelUnits, shown.elevation);
    this.dimensions.show(scene.others, shown.dims);
    this.buttons.show(scene.layer.crs, shown.crs);
    if (!scene.ready) return; // else every tile would be asked for twice, first in the wrong colours
    this.map.show(scene);
    this.colours.show(scene, shown);
    this.earth.href = earthAddress(this.service, scene, shown);
    this.download.href = downloadAddress(this.service, scene);
    this.legend.show(scene, shown);
  }
}
