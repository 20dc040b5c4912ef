// ISO 8601 instants and periods as WMS writes them (OGC 06-042, annex D), kept in the form in which they were written.

const INSTANT =
  /^(-?\d{4,6})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d+))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?$/;
const PERIOD = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const MINUTE = 60_000;

/**
 * @typedef {{fields: number[], fraction: number, zone: string, time: number}} Instant `fields` are those written, year
 *   first and months from 1; `fraction` counts the decimals of the seconds; `time` is milliseconds since 1970 UTC
 * @typedef {{months: number, ms: number}} Period
 */

/**
 * Read an instant of any precision from a year to a millisecond.
 * @param {string} text
 * @returns {Instant|null}
 */
export function readInstant(text) {
  const found = INSTANT.exec(text.trim());
  if (!found) return null;
  const fields = found.slice(1, 7).filter((part) => part !== undefined).map(Number);
  const fraction = found[7] ?? '';
  const zone = found[8] ?? '';
  const ms = Math.round(Number(`0.${fraction || 0}`) * 1000);
  return { fields, fraction: fraction.length, zone, time: utc(fields, ms) - offset(zone) };
}

/**
 * Read a period.
 * @param {string} text
 * @returns {Period|null} null if it is no period or one of no length
 */
export function readPeriod(text) {
  const found = PERIOD.exec(text.trim());
  if (!found) return null;
  const [years, months, weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  const period = {
    months: years * 12 + months,
    ms: Math.round(((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000),
  };
  return period.months || period.ms ? period : null;
}

/**
 * Go `count` periods on. Months are counted from the start, so that the last of a month stays the last: 31 January is
 * followed by 28 February, then by 31 March.
 * @param {Instant} start
 * @param {Period} period
 * @param {number} count
 * @returns {number} milliseconds since 1970 UTC
 */
export function later(start, period, count) {
  if (period.months === 0) return start.time + period.ms * count;
  const shift = offset(start.zone);
  const from = new Date(start.time + shift);
  const month = from.getUTCMonth() + period.months * count;
  const lastDay = new Date(utc([from.getUTCFullYear(), month + 2, 0], 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  const clock = (from.getTime() % (1440 * MINUTE) + 1440 * MINUTE) % (1440 * MINUTE);
  return utc([from.getUTCFullYear(), month + 1, day], 0) + clock + period.ms * count - shift;
}

/**
 * Write an instant in the form of another: same precision, same zone.
 * @param {number} time milliseconds since 1970 UTC
 * @param {Instant} form
 * @returns {string}
 */
export function writeLike(time, form) {
  const full = new Date(time + offset(form.zone)).toISOString();
  const year = full.indexOf('-', 1);
  const kept = [year, year + 3, year + 6, year + 9, year + 12, year + 15][form.fields.length - 1];
  const decimals = form.fraction ? full.slice(year + 15, -1).padEnd(form.fraction + 1, '0').slice(0, form.fraction + 1) : '';
  return full.slice(0, kept) + decimals + form.zone;
}

/** @type {(fields: number[], ms: number) => number} */
function utc([year, month = 1, day = 1, hour = 0, minute = 0, second = 0], ms) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC would take the years 0 to 99 for 1900 to 1999
  return date.setUTCHours(hour, minute, second, ms);
}

/** @type {(zone: string) => number} */
function offset(zone) {
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  return found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3] ?? 0)) * MINUTE : 0;
}
