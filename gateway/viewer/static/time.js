// The time bar: a slider over the steps, previous, next and play, and the time as text one can type over.

import { h, icon, iconButton } from './dom.js';

const SCRUB = 90; // milliseconds without movement before a dragged slider asks for pictures
const FRAME = 450; // milliseconds at least between the frames of an animation

/** Chooses one step of the time axis. */
export class TimeBar {
  /**
   * @param {(time: string) => void} choose
   * @param {() => Promise<unknown>} settled resolves when the step chosen last is drawn
   * @param {(error: Error) => void} report
   */
  constructor(choose, settled, report) {
    this.choose = choose;
    this.settled = settled;
    this.report = report;
    /** @type {import('./axis.js').TimeAxis|null} */
    this.axis = null;
    this.index = 0;
    this.playing = false;
    this.timer = 0;
    this.slider = h('input', {
      type: 'range', min: 0, max: 0, step: 1, class: 'slider', 'aria-label': 'Time step',
      oninput: () => this.scrub(), onchange: () => this.go(Number(this.slider.value)),
    });
    this.text = h('input', {
      type: 'text', class: 'time-text', 'aria-label': 'Time, UTC', spellcheck: 'false', autocomplete: 'off',
      title: 'Type a date to go to the nearest step', onchange: () => this.typed(),
    });
    this.count = h('span', { class: 'count' });
    this.first = h('span', {});
    this.last = h('span', {});
    this.playButton = h('button', { type: 'button', class: 'play-button', onclick: () => this.toggle() });
    this.previous = iconButton('previous', 'Previous time step', () => this.step(-1));
    this.next = iconButton('next', 'Next time step', () => this.step(1));
    this.element = h('section', { class: 'card time', 'aria-label': 'Time', hidden: true },
      h('div', { class: 'time-buttons' }, this.previous, this.playButton, this.next),
      h('div', { class: 'time-axis' },
        this.text,
        this.slider,
        h('div', { class: 'ends' }, this.first, this.count, this.last)));
    this.paintButton();
  }

  /**
   * @param {import('./axis.js').TimeAxis} axis
   * @param {string} time
   */
  show(axis, time) {
    if (this.axis !== axis) {
      this.axis = axis;
      this.playing = this.playing && axis.length > 1;
      this.slider.max = Math.max(0, axis.length - 1);
      this.first.textContent = axis.length ? axis.at(0).slice(0, 10) : '';
      this.last.textContent = axis.length > 1 ? axis.at(axis.length - 1).slice(0, 10) : '';
      for (const part of [this.slider, this.previous, this.next, this.playButton]) part.disabled = axis.length < 2;
    }
    this.element.hidden = axis.length === 0;
    if (axis.length) this.paint(Math.max(0, axis.indexOf(time)));
    this.paintButton();
  }

  /** @param {number} index */
  paint(index) {
    if (!this.axis) return;
    this.index = index;
    const time = this.axis.at(index);
    this.slider.value = String(index);
    this.slider.setAttribute('aria-valuetext', time);
    this.slider.style.setProperty('--done', `${this.axis.length > 1 ? (100 * index) / (this.axis.length - 1) : 0}%`);
    if (document.activeElement !== this.text) this.text.value = time;
    this.text.size = Math.max(12, time.length);
    this.count.textContent = `${(index + 1).toLocaleString('en')} of ${this.axis.length.toLocaleString('en')}`;
  }

  scrub() {
    const index = Number(this.slider.value);
    this.paint(index);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.go(index), SCRUB);
  }

  /** @param {number} index */
  go(index) {
    clearTimeout(this.timer);
    if (!this.axis) return;
    this.paint(index);
    this.choose(this.axis.at(index));
  }

  /** @param {number} by steps; past either end it goes round */
  step(by) {
    if (this.axis?.length) this.go((this.index + by + this.axis.length) % this.axis.length);
  }

  typed() {
    const found = this.axis ? this.axis.nearest(this.text.value) : -1;
    this.text.blur();
    if (found >= 0) {
      this.go(found);
      return;
    }
    this.report(new Error(`“${this.text.value}” is not a time. Write it as 2015-03-01 or 2015-03-01T12:00:00Z.`));
    this.paint(this.index);
  }

  async toggle() {
    this.playing = !this.playing;
    this.paintButton();
    while (this.playing) {
      this.step(1);
      await Promise.all([this.settled(), new Promise((resolve) => { setTimeout(resolve, FRAME); })]);
    }
    this.paintButton();
  }

  paintButton() {
    const label = this.playing ? 'Pause' : 'Play';
    this.playButton.replaceChildren(icon(this.playing ? 'pause' : 'play'));
    this.playButton.setAttribute('aria-label', label);
    this.playButton.title = label;
  }
}
