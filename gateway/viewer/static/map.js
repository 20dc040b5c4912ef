// The map: OpenLayers with land, one data layer from the service, and coastlines.

import { Coast } from './coast.js';
import { PROJECTIONS, registerProjections, shows } from './projections.js';
import { mapParameters } from './scene.js';
import { address, ask } from './wms.js';

const SLOWEST = 15_000; // milliseconds an animation waits for one frame

/** The map of one viewer. */
export class OceanMap {
  /**
   * @param {HTMLElement} target
   * @param {{service: string, assets: string, state: import('./state.js').State,
   *   notices: import('./notice.js').Notices}} parts
   */
  constructor(target, { service, assets, state, notices }) {
    registerProjections();
    this.state = state;
    this.target = target;
    this.coast = new Coast(`${assets}/vendor/world-atlas-2.0.2`, (error) => notices.say(error));
    this.source = new ol.source.TileWMS({
      url: address(service, {}),
      params: { FORMAT: 'image/png', TRANSPARENT: 'TRUE' },
      hidpi: false,
      tileLoadFunction: loader((error) => notices.say(error, () => this.source.refresh())),
    });
    // Without this a tile that fails would go on showing the time before it under the new time's name.
    this.data = new ol.layer.Tile({ className: 'data', zIndex: 1, visible: false, source: this.source, useInterimTilesOnError: false });
    this.map = new ol.Map({ target, controls: [], layers: [this.coast.land, this.data, this.coast.lines] });
    this.map.addControl(new ol.control.ScaleLine({ minWidth: 70 }));
    this.map.on('moveend', () => this.moved());
    this.map.on('loadstart', () => notices.loading(true));
    this.map.on('loadend', () => notices.loading(false));
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const restyle = () => this.coast.restyle(getComputedStyle(target));
    dark.addEventListener('change', restyle);
    restyle();
  }

  /** The view as it is now. */
  get view() {
    return this.map.getView();
  }

  /** Follow the state: projection, place and zoom. */
  place() {
    const { crs, view } = this.state.shown;
    const current = this.view.getProjection().getCode() === crs && this.view.getCenter();
    const [lon, lat, zoom] = view && shows(crs, view[1]) ? view : PROJECTIONS[crs].home;
    if (current) {
      const [lonNow, latNow, zoomNow] = this.where();
      if (view && (lonNow !== lon || latNow !== lat || zoomNow !== zoom)) {
        this.view.setCenter(ol.proj.fromLonLat([lon, lat], crs));
        this.view.setZoom(zoom);
      }
      return;
    }
    const centre = ol.proj.fromLonLat([lon, lat], crs);
    // A polar map has edges; the others go round and are kept within their poles by OpenLayers itself.
    const extent = PROJECTIONS[crs].pole ? ol.proj.get(crs).getExtent() : undefined;
    this.map.setView(new ol.View({ projection: crs, center: centre, zoom, extent, maxZoom: 14, enableRotation: false }));
    this.coast.draw(crs, zoom); // the first frame is no move, so nothing would tell
  }

  /**
   * Go to where a layer has data, unless they are in sight already.
   * @param {number[]|null} bbox west, south, east, north in degrees
   * @param {boolean} always
   */
  goTo(bbox, always) {
    if (!bbox || PROJECTIONS[this.state.shown.crs].pole) return;
    const crs = this.view.getProjection();
    const [west, south, east, north] = bbox;
    const box = ol.proj.transformExtent([west, Math.max(south, -75), east, Math.min(north, 82)], 'EPSG:4326', crs);
    const size = this.map.getSize() ?? [1024, 768];
    if (!always && ol.extent.intersects(box, this.view.calculateExtent(size))) return;
    if (east - west < 300) {
      this.view.fit(box, { size, padding: size[0] > 800 ? [40, 60, 110, 350] : [90, 20, 190, 20], maxZoom: 9 });
      return;
    }
    // A whole ocean fills the window rather than lying in it as a strip.
    const cover = Math.min(ol.extent.getWidth(box) / size[0], ol.extent.getHeight(box) / size[1]);
    this.view.setCenter(ol.extent.getCenter(box));
    this.view.setResolution(cover);
  }

  /**
   * Show a scene; only what differs is asked for.
   * @param {import('./scene.js').Scene} scene
   */
  show(scene) {
    const { shown } = this.state;
    const now = this.source.getParams();
    // Dimensions of a layer that was shown before are not this one's.
    const gone = Object.keys(now).filter((name) => name.startsWith('DIM_')).map((name) => [name, undefined]);
    const wanted = { ...Object.fromEntries(gone), ...mapParameters(scene, shown) };
    if (Object.entries(wanted).some(([name, value]) => now[name] !== value)) this.source.updateParams(wanted);
    this.data.setOpacity(shown.opacity / 100);
    this.data.setVisible(true);
  }

  /** Wait until all that is in sight has been drawn. */
  settled() {
    return new Promise((resolve) => {
      setTimeout(resolve, SLOWEST);
      // The frame under way may complete without knowing of the new time: listen from the one that asks for its tiles.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        this.map.once('rendercomplete', resolve);
        this.map.render();
      }));
    });
  }

  /** @param {number} step levels of zoom to go in, or out if negative */
  zoom(step) {
    this.view.animate({ zoom: (this.view.getZoom() ?? 0) + step, duration: 180 });
  }

  /** @returns {[number, number, number]} longitude and latitude of the centre and zoom, as short as a link wants them */
  where() {
    const [lon, lat] = ol.proj.toLonLat(this.view.getCenter(), this.view.getProjection());
    const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180;
    return [Number(wrapped.toFixed(3)), Number(lat.toFixed(3)), Number((this.view.getZoom() ?? 0).toFixed(2))];
  }

  moved() {
    this.state.set({ view: this.where() });
    this.coast.draw(this.view.getProjection().getCode(), this.view.getZoom() ?? 0);
  }
}

/**
 * Load tiles by fetch, because an image element cannot say why it failed.
 * @param {(error: Error) => void} report
 */
function loader(report) {
  return async (/** @type {any} */ tile, /** @type {string} */ url) => {
    const image = tile.getImage();
    try {
      const picture = URL.createObjectURL(await (await ask(url, /^image\//)).blob());
      image.addEventListener('load', () => URL.revokeObjectURL(picture), { once: true });
      image.src = picture;
    } catch (error) {
      tile.setState(3); // ERROR in ol/TileState, which the full build does not export
      report(error instanceof Error ? error : new Error(String(error)));
    }
  };
}
