// The panel at the left, which folds into its head on a narrow window.

import { h, icon, iconButton } from './dom.js';
import { PROJECTIONS } from './projections.js';

const NARROW = '(max-width: 760px)';

/** Holds the parts that choose what is shown. */
export class Panel {
  /** @param {string} title of the unit */
  constructor(title) {
    this.now = h('span', { class: 'now' });
    this.body = h('div', { class: 'panel-body', id: 'panel-body' });
    this.fold = iconButton('fold', 'Fold the panel', () => this.open(this.body.hidden));
    this.fold.setAttribute('aria-controls', 'panel-body');
    this.element = h('section', { class: 'card panel', 'aria-label': 'What is shown' },
      h('header', { class: 'panel-head' }, icon('mark'),
        h('div', { class: 'titles' }, h('h1', {}, title), this.now), this.fold),
      this.body);
    const narrow = window.matchMedia(NARROW);
    narrow.addEventListener('change', () => this.open(!narrow.matches));
    this.open(!narrow.matches);
  }

  /** @param {boolean} open */
  open(open) {
    this.body.hidden = !open;
    this.element.classList.toggle('folded', !open);
    this.fold.setAttribute('aria-expanded', String(open));
    const label = open ? 'Fold the panel' : 'Unfold the panel';
    this.fold.setAttribute('aria-label', label);
    this.fold.title = label;
  }

  /** Make room for the map once a choice is made on a narrow window. */
  chosen() {
    if (window.matchMedia(NARROW).matches) this.open(false);
  }
}

/** The buttons at the upper right: projection and zoom. */
export class MapButtons {
  /**
   * @param {(crs: string) => void} choose
   * @param {(step: number) => void} zoom
   */
  constructor(choose, zoom) {
    this.choose = choose;
    this.crs = h('div', { class: 'card crs', role: 'radiogroup', 'aria-label': 'Map projection', hidden: true });
    this.element = h('div', { class: 'map-buttons' }, this.crs, h('div', { class: 'card zoom' },
      iconButton('plus', 'Zoom in', () => zoom(1)), iconButton('minus', 'Zoom out', () => zoom(-1))));
  }

  /**
   * @param {Set<string>} offered by the service
   * @param {string} current
   */
  show(offered, current) {
    const codes = Object.keys(PROJECTIONS).filter((code) => offered.has(code));
    this.crs.hidden = codes.length < 2;
    if (codes.join() !== this.codes) {
      this.codes = codes.join();
      this.crs.replaceChildren(...codes.map((code) => h('label', { title: code },
        h('input', { type: 'radio', name: 'crs', value: code, onchange: () => this.choose(code) }),
        h('span', {}, PROJECTIONS[code].title))));
    }
    for (const input of this.crs.querySelectorAll('input')) input.checked = input.value === current;
  }
}
