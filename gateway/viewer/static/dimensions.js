// What a layer has beside time and depth: members of an ensemble, wavelengths. One slider and list for each.

import { h } from './dom.js';
import { PlacePicker } from './picker.js';
import { dimensionText } from './text.js';

/** @typedef {{name: string, values: string[], units: string, default: string}} Other a dimension beside time and elevation */

/** Chooses one place along each dimension of a layer. */
export class DimensionPickers {
  /** @param {(name: string, value: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    /** @type {Other[]} */
    this.others = [];
    /** @type {Map<string, PlacePicker>} */
    this.pickers = new Map();
    this.element = h('div', { class: 'dimensions' });
  }

  /**
   * @param {Other[]} others
   * @param {Record<string, string>} dims the values shown, by name
   */
  show(others, dims) {
    if (this.others !== others) {
      this.others = others;
      this.pickers = new Map(others.map((other) => [other.name, this.picker(other)]));
      this.element.replaceChildren(...[...this.pickers.values()].map((picker) => picker.element));
    }
    for (const [name, picker] of this.pickers) picker.mark(dims[name]);
  }

  /** @type {(other: Other) => PlacePicker} */
  picker({ name, values, units }) {
    const label = name.replaceAll('_', ' ');
    const picker = new PlacePicker({ list: label, slider: `${label}, by number` }, (value) => this.choose(name, value));
    picker.offer(label, values, (value) => dimensionText(value, units));
    return picker;
  }
}
