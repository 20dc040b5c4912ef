// What the person must know: something failed, something is loading, there is nothing to show.

import { h, iconButton } from './dom.js';

/** Messages over the map. */
export class Notices {
  constructor() {
    this.bar = h('div', { class: 'progress', role: 'progressbar', 'aria-label': 'Loading', hidden: true });
    this.list = h('div', { class: 'notices', role: 'alert', 'aria-live': 'assertive' });
    this.element = h('div', { class: 'notice-area' }, this.bar, this.list);
    /** @type {Map<string, HTMLElement>} */
    this.open = new Map();
    /** @type {Set<string>} */
    this.busy = new Set();
  }

  /**
   * Say what failed. The same message is shown once, however many tiles it befell.
   * @param {Error} error
   * @param {() => void} [retry]
   */
  say(error, retry) {
    if (this.open.has(error.message)) return;
    const close = () => this.close(error.message);
    const again = retry
      ? h('button', { type: 'button', class: 'text-button', onclick: () => { close(); retry(); } }, 'Try again')
      : null;
    const notice = h('div', { class: 'notice' }, h('p', {}, error.message), again, iconButton('close', 'Dismiss', close));
    this.open.set(error.message, notice);
    this.list.append(notice);
  }

  /** @param {string} message */
  close(message) {
    this.open.get(message)?.remove();
    this.open.delete(message);
  }

  /** Take back what was said about something that is no longer shown. */
  clear() {
    for (const message of [...this.open.keys()]) this.close(message);
  }

  /**
   * Show that something is under way.
   * @param {boolean} on
   * @param {string} [what] two things may be under way at once
   */
  loading(on, what = 'map') {
    if (on) this.busy.add(what);
    else this.busy.delete(what);
    this.bar.hidden = this.busy.size === 0;
  }

  /**
   * Fill the window with an explanation.
   * @param {string} title
   * @param {(Node|string)[]} text
   * @param {() => void} retry
   */
  explain(title, text, retry) {
    const button = h('button', { type: 'button', class: 'primary', onclick: retry }, 'Try again');
    this.element.append(h('section', { class: 'explanation', role: 'status' }, h('h2', {}, title), ...text, button));
  }
}
