// The depth: a slider from the surface down and a list to choose from.

import { h } from './dom.js';
import { levelText } from './text.js';

/** Chooses one level. */
export class DepthPicker {
  /** @param {(elevation: string) => void} choose */
  constructor(choose) {
    /** @type {string[]} */
    this.levels = [];
    this.label = h('span', { class: 'label' });
    this.list = h('select', { class: 'pick', 'aria-label': 'Depth', onchange: () => choose(this.list.value) });
    this.slider = h('input', {
      type: 'range', min: 0, step: 1, class: 'slider', 'aria-label': 'Depth, from the surface away',
      oninput: () => { this.list.value = this.levels[Number(this.slider.value)]; },
      onchange: () => choose(this.levels[Number(this.slider.value)]),
    });
    this.element = h('div', { class: 'field', hidden: true }, h('div', { class: 'row' }, this.label, this.list), this.slider);
  }

  /**
   * @param {string[]} levels
   * @param {string} units
   * @param {string} elevation
   */
  show(levels, units, elevation) {
    if (this.levels !== levels) {
      this.levels = levels;
      this.label.textContent = units === 'm' ? (levels.some((one) => Number(one) > 0) ? 'Height' : 'Depth') : 'Level';
      this.list.replaceChildren(...levels.map((one) => h('option', { value: one }, levelText(Number(one), units))));
      this.slider.max = Math.max(0, levels.length - 1);
      this.slider.hidden = levels.length < 2;
    }
    const at = Math.max(0, levels.indexOf(elevation));
    this.element.hidden = levels.length === 0;
    this.list.value = levels[at] ?? '';
    this.slider.value = String(at);
    this.slider.style.setProperty('--done', `${levels.length > 1 ? (100 * at) / (levels.length - 1) : 0}%`);
    this.slider.setAttribute('aria-valuetext', levels.length ? levelText(Number(levels[at]), units) : '');
  }
}
