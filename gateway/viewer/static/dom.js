// Making page elements without markup strings, so that no text from a server is ever read as HTML.

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `on...` functions become listeners; false and null are left out
 * @param {...(Node|string|null)} children
 * @returns {any} the element, typed loosely because callers know which tag they asked for
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const PATHS = {
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  fold: 'M6 15l6-6 6 6',
  mark: 'M3 8c3-3 6-3 9 0s6 3 9 0M3 14c3-3 6-3 9 0s6 3 9 0',
};

/**
 * Draw one of the page's own line icons.
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', `icon ${name}`);
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * Make a button that shows an icon; its label is for those who cannot see it and is shown on hover.
 * @param {keyof typeof PATHS} name
 * @param {string} label
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function iconButton(name, label, act) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick: act }, icon(name));
}
