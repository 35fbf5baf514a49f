// Charts in SVG. The drawing stretches with its box; words stay outside of it, as HTML, and every chart has its table.

import { h, s, table, timeOf } from './dom.js';

const HEIGHT = 100;
const round = value => Math.round(value * 100) / 100;

/** A ceiling whose half is a round number, too. */
export function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.6, 2, 3, 4, 6, 8, 10].map(step => step * power).find(limit => limit >= value * 0.999);
}

/** The points between two gaps, which no line leads to. */
const dots = points => points.map(([x, y], i) =>
  (y !== null && (i === 0 || points[i - 1][1] === null) && (i + 1 === points.length || points[i + 1][1] === null) ? `M${round(x)} ${round(y)}h0` : '')).join('');

/** A path through the points; a point without a value is a gap. */
function path(points) {
  let d = '';
  points.forEach(([x, y], i) => {
    if (y === null) return;
    const before = i > 0 && points[i - 1][1] !== null;
    d += `${before ? 'L' : 'M'}${round(x)} ${round(y)}`;
  });
  return d;
}

function area(points) {
  let d = '';
  let start = null;
  points.forEach(([x, y], i) => {
    if (y === null) return;
    if (start === null) {
      start = x;
      d += `M${round(x)} ${HEIGHT}`;
    }
    d += `L${round(x)} ${round(y)}`;
    if (i + 1 === points.length || points[i + 1][1] === null) {
      d += `L${round(x)} ${HEIGHT}Z`;
      start = null;
    }
  });
  return d;
}

/** How many minutes a chart shows: as few as hold the history. */
const span = rows => [10, 20, 40, 60].find(minutes => rows.length <= minutes) || 60;

/**
 * A chart of the last hour.
 * @param of.id its name on the page
 * @param of.title what it shows
 * @param of.rows the rows of the history
 * @param of.series [{name, kind, value(row)}], a value of null is a gap; kind is the class of the line
 * @param of.bars draw bars upon each other instead of lines
 * @param of.top the largest value of the axis, by default what the data need
 * @param of.format a value in words
 * @param of.hover {chart, index}: the minute under the pointer
 */
export function timeChart(of) {
  const { id, title, rows, series, format } = of;
  const minutes = span(rows);
  const first = minutes - rows.length;
  const values = series.map(one => rows.map(one.value));
  const sums = rows.map((_, i) => values.reduce((sum, column) => sum + (column[i] || 0), 0));
  const top = of.top || ceiling(Math.max(of.bars ? 2 : 0, ...(of.bars ? sums : values.flat().map(value => value || 0))));
  const y = value => (value === null ? null : HEIGHT - (value / top) * (HEIGHT - 2) - 1);
  const grid = [0, 0.5, 1].map(part =>
    s('path', { class: 'grid', d: `M0 ${round(HEIGHT - part * (HEIGHT - 2) - 1)}H${minutes}` }));
  const drawn = of.bars ? bars(series, values, first, top) : lines(series, values, first, y);
  const hovered = of.hover && of.hover.chart === id ? of.hover.index - first : -1;
  const shown = rows[hovered] ? hovered : rows.length - 1;
  const readout = rows.length
    ? series.map((one, i) => h('span', { class: 'readout' }, h('i', { class: 'swatch ' + one.kind }),
        (series.length > 1 ? one.name + ' ' : ''), h('b', null, values[i][shown] === null ? '\u2013' : format(values[i][shown]))))
    : [];
  const when = rows.length ? (rows[hovered] ? timeOf(rows[hovered].at) : 'this minute') : '';
  return h('figure', { class: 'chart', 'data-key': 'chart-' + id },
    h('figcaption', null, h('span', { class: 'title' }, title), h('span', { class: 'now' }, readout, h('span', { class: 'when' }, when))),
    h('div', { class: 'plot', 'aria-hidden': 'true' },
      h('div', { class: 'y' }, [1, 0.5, 0].map(part => h('span', null, part === 0 ? '0' : format(top * part)))),
      s('svg', { viewBox: `0 0 ${minutes} ${HEIGHT}`, preserveAspectRatio: 'none', 'data-chart': id, 'data-slots': minutes },
        grid, drawn,
        hovered >= 0 && rows[hovered] ? s('path', { class: 'guide', d: `M${hovered + first + 0.5} 0V${HEIGHT}` }) : null),
      h('div', { class: 'x' }, h('span', null, `${minutes} min ago`), h('span', null, `${minutes / 2} min`), h('span', null, 'now'))),
    h('details', { class: 'data', 'data-key': 'data-' + id }, h('summary', null, 'As a table', h('span', { class: 'hidden' }, ': ' + title)),
      table(`${title}, by minute, newest first`,
        [['Minute', row => timeOf(row.at)],
          ...series.map((one, i) => [one.name, row => {
            const value = one.value(row);
            return value === null ? '\u2013' : format(value);
          }, 'number'])],
        [...rows].reverse())));
}

function lines(series, values, first, y) {
  return series.flatMap((one, i) => {
    const points = values[i].map((value, slot) => [first + slot + 0.5, y(value)]);
    return [
      series.length === 1 ? s('path', { class: 'area ' + one.kind, d: area(points) }) : null,
      s('path', { class: 'line ' + one.kind, d: path(points) }),
      s('path', { class: 'line dot ' + one.kind, d: dots(points) }),
    ];
  });
}

function bars(series, values, first, top) {
  const bottoms = values[0] ? values[0].map(() => 0) : [];
  return series.flatMap((one, i) => values[i].map((value, slot) => {
    if (!value) return null;
    const height = (value / top) * (HEIGHT - 2);
    const bar = s('rect', {
      class: 'bar ' + one.kind, x: round(first + slot + 0.12), width: 0.76,
      y: round(HEIGHT - 1 - bottoms[slot] - height), height: round(height) });
    bottoms[slot] += height;
    return bar;
  }));
}

/** A small line without axes, for a card. */
export function sparkline(rows, value, kind, words) {
  const minutes = span(rows);
  const first = minutes - rows.length;
  const points = rows.map((row, i) => {
    const found = value(row);
    return [first + i + 0.5, found === null ? null : HEIGHT - 4 - found * (HEIGHT - 8)];
  });
  return s('svg', { class: 'spark', viewBox: `0 0 ${minutes} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words },
    s('path', { class: 'grid', d: `M0 ${HEIGHT - 4}H${minutes}` }),
    s('path', { class: 'area ' + kind, d: area(points) }),
    s('path', { class: 'line ' + kind, d: path(points) }),
    s('path', { class: 'line dot ' + kind, d: dots(points) }));
}

/** The miss-ratio curve with marks [{at, name, kind}] at sizes and a target hit rate. */
export function curveChart({ points, marks, target, format, size }) {
  const widest = Math.max(...points.map(point => point.size), ...marks.map(mark => mark.at), 1);
  const x = value => (value / widest) * 100;
  const y = value => HEIGHT - value * (HEIGHT - 2) - 1;
  const line = [{ size: 0, hitRate: 0 }, ...points].map(point => [x(point.size), y(point.hitRate)]);
  return h('figure', { class: 'chart curve', 'data-key': 'chart-curve' },
    h('figcaption', null, h('span', { class: 'title' }, 'Hit rate by size'),
      h('span', { class: 'now' }, marks.map(mark => h('span', { class: 'readout' }, h('i', { class: 'swatch ' + mark.kind }), mark.name + ' ', h('b', null, size(mark.at)))))),
    h('div', { class: 'plot', 'aria-hidden': 'true' },
      h('div', { class: 'y' }, [1, 0.5, 0].map(part => h('span', null, part === 0 ? '0' : format(part)))),
      s('svg', { viewBox: `0 0 100 ${HEIGHT}`, preserveAspectRatio: 'none' },
        [0, 0.5, 1].map(part => s('path', { class: 'grid', d: `M0 ${round(y(part))}H100` })),
        target ? s('path', { class: 'target', d: `M0 ${round(y(target))}H100` }) : null,
        s('path', { class: 'area curve', d: area(line) }),
        s('path', { class: 'line curve', d: path(line) }),
        marks.map(mark => s('path', { class: 'mark ' + mark.kind, d: `M${round(x(mark.at))} 0V${HEIGHT}` }))),
      h('div', { class: 'x' }, h('span', null, '0'), h('span', null, size(widest / 2)), h('span', null, size(widest) + ' entries'))),
    h('details', { class: 'data', 'data-key': 'data-curve' }, h('summary', null, 'As a table', h('span', { class: 'hidden' }, ': hit rate by size')),
      table('Estimated hit rate by size',
        [['Size', point => size(point.size)], ['Hit rate', point => format(point.hitRate), 'number']], points)));
}

/** Parts of a whole as one bar with a table below: parts are [{name, kind, value}]. */
export function shares(caption, parts, format, percent, amount = 'Count') {
  const sum = parts.reduce((total, part) => total + part.value, 0);
  return h('div', { class: 'shares', 'data-key': 'shares-' + caption },
    h('div', { class: 'stack', 'aria-hidden': 'true' },
      parts.filter(part => part.value > 0).map(part => h('span', { class: part.kind, style: { flexGrow: String(part.value) } }))),
    table(caption, [
      [caption, part => [h('i', { class: 'swatch ' + part.kind }), part.name]],
      [amount, part => format(part.value), 'number'],
      ['Share', part => (sum ? percent(part.value / sum) : '\u2013'), 'number'],
    ], parts.filter(part => part.value > 0 || part.always)));
}

/** How full something is. */
export const level = (part, kind) => h('span', { class: 'level', 'aria-hidden': 'true' },
  h('span', { class: kind || '', style: { width: Math.min(100, Math.max(0, part * 100)) + '%' } }));
