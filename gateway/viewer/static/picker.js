// A place along an axis: a slider over all of them, and a list to choose from.

import { h } from './dom.js';

/** Chooses one of several values, whose order is that of the slider. */
export class PlacePicker {
  /**
   * @param {{list: string, slider: string}} names of the two for those who cannot see them
   * @param {(value: string) => void} choose
   */
  constructor(names, choose) {
    /** @type {string[]} */
    this.values = [];
    /** @type {(value: string) => string} */
    this.text = String;
    this.label = h('span', { class: 'label' });
    this.list = h('select', { class: 'pick', 'aria-label': names.list, onchange: () => choose(this.list.value) });
    this.slider = h('input', {
      type: 'range', min: 0, step: 1, class: 'slider', 'aria-label': names.slider,
      oninput: () => { this.list.value = this.values[Number(this.slider.value)]; },
      onchange: () => choose(this.values[Number(this.slider.value)]),
    });
    this.element = h('div', { class: 'field', hidden: true }, h('div', { class: 'row' }, this.label, this.list), this.slider);
  }

  /**
   * Offer other values.
   * @param {string} label
   * @param {string[]} values
   * @param {(value: string) => string} text what a value is called
   */
  offer(label, values, text) {
    this.values = values;
    this.text = text;
    this.label.textContent = label;
    this.list.replaceChildren(...values.map((one) => h('option', { value: one }, text(one))));
    this.slider.max = Math.max(0, values.length - 1);
    this.slider.hidden = values.length < 2;
    this.element.hidden = values.length === 0;
  }

  /** @param {string} value the one that is shown */
  mark(value) {
    const { values } = this;
    const at = Math.max(0, values.indexOf(value));
    this.list.value = values[at] ?? '';
    this.slider.value = String(at);
    this.slider.style.setProperty('--done', `${values.length > 1 ? (100 * at) / (values.length - 1) : 0}%`);
    this.slider.setAttribute('aria-valuetext', values.length ? this.text(values[at]) : '');
  }
}
