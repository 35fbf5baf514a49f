// Makes elements, and changes a page to what it should be without losing focus, scroll positions or what is unfolded.

const SVG = 'http://www.w3.org/2000/svg';

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'style') Object.assign(element.style, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An HTML element. Whatever text it is given stays text. */
export const h = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

const keyOf = node => (node.nodeType === 1 ? node.getAttribute('data-key') : null);
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

function attributes(from, to) {
  for (const { name, value } of [...to.attributes]) {
    if (name === 'style') {
      if (from.style.cssText !== to.style.cssText) from.style.cssText = to.style.cssText;
    } else if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    // what is unfolded is the reader's choice
    if (!to.hasAttribute(name) && !(name === 'open' && from.nodeName === 'DETAILS')) from.removeAttribute(name);
  }
}

/** Makes the children of a node like those of another, which is used up. */
export function morph(from, to) {
  const keyed = new Map();
  for (const child of from.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let cursor = from.firstChild;
  for (const child of [...to.childNodes]) {
    const key = keyOf(child);
    let match = key ? keyed.get(key) : cursor;
    if (match && !alike(match, child)) match = null;
    if (!match) {
      from.insertBefore(child, cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else from.insertBefore(match, cursor);
    if (child.nodeType === 3) {
      if (match.data !== child.data) match.data = child.data;
    } else {
      attributes(match, child);
      morph(match, child);
    }
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const trimmed = (value, digits) => new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(value);

/** A number, in full. */
export const count = value => whole.format(Math.round(value || 0));

/** A number of things. */
export const several = (value, one, more) => `${compact(value)} ${value === 1 ? one : more || one + 's'}`;

/** A number as it fits on a tile. */
export const compact = value => ((value || 0) < 100000 ? count(value) : short.format(value));

/** A share of one. */
export const percent = value => trimmed((value || 0) * 100, 1) + '\u202f%';

/** Milliseconds in the unit that suits them. */
export function millis(value) {
  if (!value) return '\u2013';
  if (value < 0.001) return trimmed(value * 1e6, 0) + ' ns';
  if (value < 1) return trimmed(value * 1000, value < 0.01 ? 1 : 0) + ' \u00b5s';
  if (value < 1000) return trimmed(value, value < 10 ? 1 : 0) + ' ms';
  return seconds(value / 1000);
}

/** Seconds in the two units that suit them. */
export function seconds(value) {
  if (!value) return '0 s';
  if (value < 1) return millis(value * 1000);
  if (value < 60) return trimmed(value, value < 10 ? 1 : 0) + ' s';
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const first = parts.findIndex(([size]) => value >= size);
  const [size, unit] = parts[first];
  const rest = parts[first + 1];
  const more = rest ? Math.floor((value % size) / rest[0]) : 0;
  return count(Math.floor(value / size)) + ' ' + unit + (more ? ' ' + more + ' ' + rest[1] : '');
}

/** A number of bytes. */
export function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return trimmed(value, value < 10 ? 1 : 0) + ' ' + units[unit];
}

/** An amount of money. */
export function money(value, currency) {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2 }).format(value);
  } catch {
    return trimmed(value, 4) + ' ' + (currency || '');
  }
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const exactly = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The time of day of an instant. */
export const timeOf = instant => clock.format(new Date(instant));

/** The time of an instant, with the day where it is not today's. */
export function moment(instant) {
  const date = new Date(instant);
  const time = exactly.format(date);
  return date.toDateString() === new Date().toDateString() ? time : day.format(date) + ', ' + time;
}

/** A table that a screen reader can read: columns are [heading, cell of a row, class]. */
export function table(caption, columns, rows, attributes) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
    h('table', attributes,
      h('caption', { class: 'hidden' }, caption),
      h('thead', null, h('tr', null, columns.map(([heading, , kind]) => h('th', { scope: 'col', class: kind }, heading)))),
      h('tbody', null, rows.map(row => h('tr', null, columns.map(([, cell, kind], i) =>
        h(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, class: kind }, cell(row))))))));
}

/** A sentence in place of figures. */
export const note = (...words) => h('p', { class: 'note' }, ...words);

/** A word in a frame: kind is good, warn, bad or plain. */
export const pill = (kind, ...words) => h('span', { class: 'pill ' + kind }, ...words);
