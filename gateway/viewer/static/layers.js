// The list of layers, in groups by dataset.

import { h } from './dom.js';

const SEARCH_FROM = 9; // layers; fewer are seen at a glance

/** Chooses one layer. */
export class LayerList {
  /**
   * @param {import('./capabilities.js').Layer[]} layers
   * @param {(name: string) => void} choose
   */
  constructor(layers, choose) {
    /** @type {Map<string, HTMLInputElement>} */
    this.inputs = new Map();
    /** @type {{element: HTMLDetailsElement, rows: {element: HTMLElement, words: string}[]}[]} */
    this.groups = [];
    const list = h('div', { class: 'layers', role: 'radiogroup', 'aria-label': 'Layers' });
    for (const [title, members] of grouped(layers)) {
      const rows = members.map((layer) => this.row(layer, title, choose));
      const group = h('details', { class: 'group' }, h('summary', {}, title), ...rows.map((row) => row.element));
      group.open = this.groups.length === 0 || layers.length < SEARCH_FROM;
      this.groups.push({ element: group, rows });
      list.append(group);
    }
    this.none = h('p', { class: 'hint', hidden: true }, 'No layer has all these words.');
    const search = h('input', {
      type: 'search', class: 'search', placeholder: `Search ${layers.length} layers`, 'aria-label': 'Search layers',
      hidden: layers.length < SEARCH_FROM, oninput: () => this.filter(search.value),
    });
    this.element = h('div', { class: 'layer-list' }, search, list, this.none);
  }

  /** @type {(layer: import('./capabilities.js').Layer, group: string, choose: (name: string) => void) => any} */
  row(layer, group, choose) {
    const input = h('input', { type: 'radio', name: 'layer', value: layer.name, onchange: () => choose(layer.name) });
    this.inputs.set(layer.name, input);
    const element = h('label', { class: 'layer', title: layer.abstract || layer.name }, input, h('span', {}, layer.title));
    return { element, words: `${group} ${layer.title} ${layer.name} ${layer.abstract}`.toLowerCase() };
  }

  /** @param {string} text words that must all occur */
  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let any = false;
    for (const { element, rows } of this.groups) {
      let some = false;
      for (const row of rows) {
        row.element.hidden = !words.every((word) => row.words.includes(word));
        some ||= !row.element.hidden;
      }
      element.hidden = !some;
      if (words.length && some) element.open = true;
      any ||= some;
    }
    this.none.hidden = any;
  }

  /** @param {string} name the layer shown */
  mark(name) {
    const input = this.inputs.get(name);
    if (!input || input.checked) return;
    input.checked = true;
    const group = input.closest('details');
    if (group) group.open = true;
    input.closest('label')?.scrollIntoView({ block: 'nearest' });
  }
}

/** @type {(layers: import('./capabilities.js').Layer[]) => Map<string, import('./capabilities.js').Layer[]>} */
function grouped(layers) {
  const groups = new Map();
  for (const layer of layers) {
    const members = groups.get(layer.group) ?? [];
    groups.set(layer.group, [...members, layer]);
  }
  return groups;
}
