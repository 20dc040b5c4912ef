// How values become colours: palette, range, logarithm, opacity.

import { h } from './dom.js';
import { barAddress, drawBar } from './legend.js';
import { isLog, paletteOf, palettes } from './scene.js';

/** Chooses the colours of the layer shown. */
export class ColourPicker {
  /**
   * @param {string} service
   * @param {import('./state.js').State} state
   * @param {(error: Error) => void} report
   */
  constructor(service, state, report) {
    Object.assign(this, { service, state, report });
    this.service = service;
    this.state = state;
    this.report = report;
    this.named = '';
    this.name = h('span', { class: 'palette-name' });
    this.bar = h('canvas', { class: 'bar', width: 256, height: 1 });
    this.button = h('button', {
      type: 'button', class: 'palette-button', 'aria-expanded': 'false', 'aria-label': 'Palette', onclick: () => this.unfold(),
    }, this.bar);
    this.list = h('div', { class: 'palettes', role: 'radiogroup', 'aria-label': 'Palettes', hidden: true });
    this.low = this.end('Lowest value of the colours');
    this.high = this.end('Highest value of the colours');
    this.usual = h('button', {
      type: 'button', class: 'text-button', title: 'Use the usual range of this layer', onclick: () => state.set({ range: null }),
    }, 'Auto');
    this.log = h('input', { type: 'checkbox', onchange: () => this.setLog() });
    this.opacity = h('input', {
      type: 'range', min: 10, max: 100, step: 5, class: 'slider', 'aria-label': 'Opacity, per cent',
      oninput: () => state.set({ opacity: Number(this.opacity.value) }),
    });
    this.element = h('div', { class: 'colours' },
      h('div', { class: 'field' }, h('div', { class: 'row' }, h('span', { class: 'label' }, 'Colours'), this.name),
        this.button, this.list,
        h('div', { class: 'row ends-of-range' }, this.low, h('span', { class: 'middle' }, this.usual,
          h('label', { class: 'check' }, this.log, 'Log')), this.high)),
      h('label', { class: 'field inline' }, h('span', { class: 'label' }, 'Opacity'), this.opacity));
  }

  /** @type {(label: string) => HTMLInputElement} */
  end(label) {
    return h('input', { type: 'text', inputmode: 'decimal', class: 'number', 'aria-label': label, autocomplete: 'off', onchange: () => this.setRange() });
  }

  /**
   * @param {import('./scene.js').Scene} scene
   * @param {import('./state.js').Shown} shown
   */
  show(scene, shown) {
    this.scene = scene;
    const palette = paletteOf(scene, shown);
    const range = shown.range ?? scene.details.scaleRange ?? ['', ''];
    [this.low.value, this.high.value] = range.map(String);
    this.usual.disabled = shown.range === null;
    this.log.checked = isLog(scene, shown);
    this.opacity.value = String(shown.opacity);
    this.opacity.style.setProperty('--done', `${((shown.opacity - 10) / 90) * 100}%`);
    this.name.textContent = palette;
    const names = `${scene.layer.name} ${palettes(scene)}`;
    if (this.named !== names) {
      this.named = names;
      this.fold();
    }
    for (const option of this.list.querySelectorAll('input')) option.checked = option.value === palette;
    this.paint(this.bar, palette);
  }

  /** @type {(canvas: HTMLCanvasElement, palette: string) => void} */
  paint(canvas, palette) {
    const url = barAddress(this.service, this.scene, palette);
    if (canvas.dataset.url === url) return;
    canvas.dataset.url = url;
    drawBar(canvas, url).catch(this.report);
  }

  unfold() {
    if (!this.list.hidden) {
      this.fold();
      return;
    }
    const chosen = paletteOf(this.scene, this.state.shown);
    this.list.replaceChildren(...palettes(this.scene).map((palette) => this.option(palette, palette === chosen)));
    this.list.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.list.querySelector('input:checked')?.scrollIntoView({ block: 'nearest' });
  }

  fold() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.button.setAttribute('aria-expanded', 'false');
  }

  /** @type {(palette: string, checked: boolean) => HTMLElement} */
  option(palette, checked) {
    const bar = h('canvas', { class: 'bar', width: 256, height: 1 });
    this.paint(bar, palette);
    const input = h('input', { type: 'radio', name: 'palette', value: palette, checked, onchange: () => this.state.set({ palette }) });
    return h('label', { class: 'palette', title: palette }, input, bar, h('span', {}, palette));
  }

  setRange() {
    const [low, high] = [this.low, this.high].map((input) => Number.parseFloat(input.value.replace(',', '.').replace('−', '-')));
    const { shown } = this.state;
    const wrong = !(low < high)
      ? 'The range of colours needs two numbers, the lower one first.'
      : isLog(this.scene, shown) && low <= 0 ? 'A logarithmic range must be above zero.' : '';
    if (wrong) this.report(new Error(wrong));
    else this.state.set({ range: [low, high] });
    if (wrong) this.show(this.scene, shown);
  }

  setLog() {
    const low = (this.state.shown.range ?? this.scene.details.scaleRange ?? [1])[0];
    if (this.log.checked && low <= 0) {
      this.report(new Error('A logarithmic scale needs a range above zero. Set the lowest value first.'));
      this.log.checked = false;
      return;
    }
    const usual = this.scene.details.logScaling ?? false;
    this.state.set({ log: this.log.checked === usual ? null : this.log.checked });
  }
}
