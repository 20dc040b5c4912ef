// The depth: a slider from the surface down and a list to choose from.

import { PlacePicker } from './picker.js';
import { levelText } from './text.js';

/** Chooses one level. */
export class DepthPicker {
  /** @param {(elevation: string) => void} choose */
  constructor(choose) {
    /** @type {string[]} */
    this.levels = [];
    this.picker = new PlacePicker({ list: 'Depth', slider: 'Depth, from the surface away' }, choose);
    this.element = this.picker.element;
  }

  /**
   * @param {string[]} levels
   * @param {string} units
   * @param {string} elevation
   */
  show(levels, units, elevation) {
    if (this.levels !== levels) {
      this.levels = levels;
      const label = units === 'm' ? (levels.some((one) => Number(one) > 0) ? 'Height' : 'Depth') : 'Level';
      this.picker.offer(label, levels, (one) => levelText(Number(one), units));
    }
    this.picker.mark(elevation);
  }
}
