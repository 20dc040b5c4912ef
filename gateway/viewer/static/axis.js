// A time axis from a WMS dimension: lists and start/end/period, written out only where somebody looks.

import { later, readInstant, readPeriod, writeLike } from './instant.js';

/** @typedef {{count: number, at: (index: number) => string}} Segment */

/** The steps of a layer in the order of its capabilities, each as the very text the service wrote or would write. */
export class TimeAxis {
  /** @param {string} values content of the Dimension element (06-042, annex C.2) */
  constructor(values) {
    /** @type {Segment[]} */
    this.segments = [];
    /** @type {string[]} */
    let listed = [];
    const close = () => {
      const items = listed;
      if (items.length) this.segments.push({ count: items.length, at: (index) => items[index] });
      listed = [];
    };
    for (const item of values.split(',').map((part) => part.trim()).filter(Boolean)) {
      const segment = item.includes('/') ? span(item) : null;
      if (segment) {
        close();
        this.segments.push(segment);
      } else {
        listed.push(...item.split('/').slice(0, 2));
      }
    }
    close();
    this.length = this.segments.reduce((sum, segment) => sum + segment.count, 0);
  }

  /**
   * The text of one step.
   * @param {number} index
   * @returns {string}
   */
  at(index) {
    let rest = index;
    for (const segment of this.segments) {
      if (rest < segment.count) return segment.at(rest);
      rest -= segment.count;
    }
    throw new RangeError(`step ${index} of ${this.length}`);
  }

  /**
   * Find the step written exactly so.
   * @param {string} text
   * @returns {number} -1 if there is none
   */
  indexOf(text) {
    const near = this.nearest(text);
    if (near >= 0 && this.at(near) === text) return near;
    for (let index = 0; index < this.length; index += 1) if (this.at(index) === text) return index;
    return -1;
  }

  /**
   * Find the step closest to an instant; steps are in ascending order.
   * @param {string} text
   * @returns {number} -1 if the text is no instant or the axis is empty
   */
  nearest(text) {
    const wanted = readInstant(text)?.time;
    if (wanted === undefined || this.length === 0) return -1;
    const time = (/** @type {number} */ index) => readInstant(this.at(index))?.time ?? Number.NaN;
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (time(middle) < wanted) low = middle + 1;
      else high = middle;
    }
    return low > 0 && wanted - time(low - 1) < Math.abs(time(low) - wanted) ? low - 1 : low;
  }
}

/**
 * Read `start/end/period`.
 * @param {string} item
 * @returns {Segment|null} null if it has no period of any length: then only its ends are known
 */
function span(item) {
  const [first, last, every] = item.split('/');
  const start = readInstant(first);
  const end = readInstant(last);
  const period = readPeriod(every ?? '');
  if (!start || !end || !period) return null;
  // A month has at most 31 days, so this guess is never too high and is raised to the true count.
  let count = Math.max(1, Math.floor((end.time - start.time) / (period.ms + period.months * 31 * 86_400_000)) + 1);
  while (later(start, period, count) <= end.time) count += 1;
  const at = (/** @type {number} */ index) => {
    const time = later(start, period, index);
    return index > 0 && time === end.time ? last : index === 0 ? first : writeLike(time, start);
  };
  return { count, at };
}
