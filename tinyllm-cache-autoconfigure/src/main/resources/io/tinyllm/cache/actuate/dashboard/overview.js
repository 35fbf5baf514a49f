// All caches at a glance.

import { level, shares, sparkline, timeChart } from './charts.js';
import { bytes, compact, count, h, millis, money, note, percent, pill, seconds, several } from './dom.js';
import { exposed, hint } from './source.js';

/** The hit rate of a minute, null where nobody asked. */
export const rateOf = row => (row.requests > 0 ? row.hitRate : null);

/** The p99 of a minute, null where nothing was timed. */
export const p99Of = row => (row.p99Millis > 0 ? row.p99Millis : null);

/** A figure with its name and a word of explanation. */
export const tile = (name, value, ...more) => h('div', { class: 'tile' },
  h('dt', null, name), h('dd', null, h('strong', null, value), more.length ? h('span', { class: 'more' }, ...more) : null));

/** The money that a cache has saved, with its currency; null where no language model is priced. */
export function saving(figures) {
  const llm = figures.llm;
  return llm && llm.saved && llm.saved.cost > 0 ? { cost: llm.saved.cost, currency: llm.currency } : null;
}

/** The minutes of several caches, added up. */
function together(caches) {
  const rows = new Map();
  for (const { history = [] } of caches) {
    history.forEach((row, i) => {
      const ago = history.length - 1 - i;
      const sum = rows.get(ago) || { at: row.at, requests: 0, hits: 0, found: 0 };
      sum.requests += row.requests;
      sum.hits += row.hits;
      sum.found += row.hitRate > 0 ? row.hits / row.hitRate : row.requests;
      rows.set(ago, sum);
    });
  }
  return [...rows.entries()].sort((a, b) => b[0] - a[0]).map(([, sum]) => ({ ...sum, hitRate: sum.found ? sum.hits / sum.found : 0 }));
}

/** The hints for a reader, as pills. */
function flags(figures, features) {
  const found = [];
  const write = features.write;
  if (write && write.deadLetters && write.deadLetters.length) found.push(pill('bad', several(write.deadLetters.length, 'dead letter')));
  if (write && write.dirty > 0) found.push(pill('plain', compact(write.dirty), ' to be written'));
  for (const backend of features.replication?.backends || []) {
    if (backend.state === 'DOWN' || backend.state === 'CATCHING_UP' || backend.state === 'FAILED_OVER') {
      found.push(pill(backend.state === 'DOWN' ? 'bad' : 'warn', backend.name, ' ', words(backend.state)));
    }
  }
  if (features.prefetch?.paused) found.push(pill('warn', 'prefetching paused'));
  if (figures.notShared?.length) found.push(pill('warn', 'some values are not shared'));
  if (figures.loadFailures > 0) found.push(pill('warn', several(figures.loadFailures, 'failed load')));
  if (figures.errors > 0) found.push(pill('plain', several(figures.errors, 'fault', 'faults'), ' of the cache'));
  return found;
}

/** A state as a person would say it. */
export const words = state => String(state).toLowerCase().replaceAll('_', ' ');

/** How a state is to be taken. */
export const mood = state => (['UP', 'PRIMARY', 'REPLICA'].includes(state) ? 'good' : ['DISCONNECTED', 'DOWN', 'BREAKER_OPEN'].includes(state) ? 'bad' : 'warn');

function card(name, figures, features) {
  const history = figures.history || [];
  const minute = history[history.length - 2] || history[history.length - 1];
  const bound = features.size?.current || (figures.partitions || []).reduce((sum, part) => sum + part.maximumSize, 0);
  const saved = saving(figures);
  return h('li', { class: 'card', 'data-key': 'card-' + name },
    h('div', { class: 'head' },
      h('h3', null, h('a', { href: '#/cache/' + encodeURIComponent(name) }, name)),
      h('p', { class: 'big' }, figures.requests > 0 ? percent(figures.hitRate) : '\u2013')),
    sparkline(history, rateOf, 'hits', 'Hit rate over the last hour'),
    h('dl', { class: 'facts' },
      h('div', null, h('dt', null, 'Requests'), h('dd', null, compact(figures.requests), minute && minute.requests ? h('small', null, ' \u00b7 ', compact(minute.requests), '/min') : null)),
      h('div', null, h('dt', null, 'Waiting saved'), h('dd', null, seconds(figures.secondsSaved), saved ? h('small', null, ' \u00b7 ', money(saved.cost, saved.currency)) : null)),
      h('div', null, h('dt', null, 'Hit p99'), h('dd', null, millis(figures.latency.hit.p99), h('small', null, ' \u00b7 load ', millis(figures.latency.load.p99)))),
      h('div', null, h('dt', null, 'Entries'), h('dd', null, compact(figures.size), bound ? h('small', null, ' of ', compact(bound)) : null))),
    bound ? level(figures.size / bound, 'hits') : null,
    h('p', { class: 'flags' }, flags(figures, features)));
}

/** The backends, as the health contributor tells of them. */
function backends(state) {
  const told = state.backends;
  let body;
  if (!exposed('health')) body = note(hint('health'));
  else if (state.faults.health) body = note('The health endpoint does not show how the backends are: see management.endpoint.health.show-details.');
  else if (told === null) body = note('Asking \u2026');
  else {
    const found = Object.entries(told).filter(([, detail]) => detail && typeof detail === 'object' && 'state' in detail);
    const problems = told.snapshots && Object.keys(told.snapshots).length
      ? h('p', { class: 'said bad' }, 'Snapshots: ', Object.entries(told.snapshots).map(([name, problem]) => `${name}: ${problem}`).join('; '))
      : null;
    const sick = Object.entries(told.writes || {}).filter(([, write]) => write.journalHealthy === false)
      .map(([name]) => h('p', { class: 'said bad' }, 'The journal of ', name, ' cannot be written.'));
    body = [
      found.length ? h('ul', { class: 'backends' }, found.map(([name, detail]) => h('li', { 'data-key': 'backend-' + name },
        pill(mood(detail.state), words(detail.state)), ' ', h('b', null, name), ' ',
        h('span', { class: 'muted' }, [detail.host ? detail.host + (detail.port ? ':' + detail.port : '') : '', detail.detail, detail.cause]
          .filter(Boolean).join(' \u00b7 ')),
        errors(detail.errors))))
        : note('No cache uses Redis: everything is in the memory of this application.'),
      problems, sick];
  }
  return h('section', { class: 'panel', 'data-key': 'backends', 'aria-labelledby': 'backends' }, h('h2', { id: 'backends' }, 'Backends'), body);
}

const errors = found => (found && Object.keys(found).length
  ? h('span', { class: 'muted' }, ' \u00b7 ', Object.entries(found).map(([reason, n]) => `${count(n)} ${reason}`).join(', '))
  : null);

/** How shares of a budget are written. */
export const inUnit = unit => (unit === 'bytes' ? bytes : compact);

/** How the caches divide a common budget. */
function budget(tuning) {
  const sharing = Object.entries(tuning).filter(([, features]) => features.budget);
  if (!sharing.length) return null;
  const { total, mode, unit } = sharing[0][1].budget;
  const format = inUnit(unit);
  return h('section', { class: 'panel', 'data-key': 'budget', 'aria-labelledby': 'budget' },
    h('h2', { id: 'budget' }, 'One budget for all caches'),
    h('p', { class: 'muted' }, `${format(total)}${unit === 'entries' ? ' entries' : ''} in total; the division is ${mode === 'act' ? 'in force' : 'only proposed'}.`),
    shares('Cache', sharing.map(([name, features], i) => ({ name, kind: 'part' + (i % 6), value: Number(features.budget.share) || 0, always: true })), format, percent, 'Memory'));
}

/** The page of all caches: its content. */
export function overview(state) {
  const entries = Object.entries(state.analytics);
  const all = entries.map(([, figures]) => figures);
  if (!entries.length) {
    return [h('h1', null, 'Caches'), note('There is no cache yet. Those that are made on demand appear with their first use.'), backends(state)];
  }
  const sum = figure => all.reduce((total, figures) => total + (figures[figure] || 0), 0);
  const rows = together(all);
  const asked = sum('hits') + sum('misses');
  const saved = all.map(saving).filter(Boolean);
  const shown = entries.filter(([name]) => name.toLowerCase().includes(state.filter.toLowerCase()));
  return [
    h('h1', null, 'Caches'),
    h('p', { class: 'lead' }, asked
      ? ['Of ', h('b', null, count(asked)), ' requests, ', h('b', null, percent(sum('hits') / asked)), ' were answered without a load. That saved ',
        h('b', null, seconds(sum('secondsSaved'))), ' of waiting',
        saved.length ? [' and ', h('b', null, money(saved.reduce((total, one) => total + one.cost, 0), saved[0].currency))] : null, '.']
      : 'Nobody has asked a cache for anything yet.'),
    h('section', { class: 'panel pair', 'data-key': 'hour', 'aria-label': 'The last hour of all caches' },
      timeChart({ id: 'all-rate', title: 'Hit rate', rows, top: 1, format: percent, hover: state.hover,
        series: [{ name: 'Hit rate', kind: 'hits', value: rateOf }] }),
      timeChart({ id: 'all-requests', title: 'Requests a minute', rows, bars: true, format: compact, hover: state.hover,
        series: [{ name: 'Hits', kind: 'hits', value: row => row.hits }, { name: 'Misses and bypassed', kind: 'loads', value: row => row.requests - row.hits }] })),
    h('section', { 'data-key': 'caches', 'aria-labelledby': 'caches' },
      h('div', { class: 'bar-of-list' }, h('h2', { id: 'caches' }, count(entries.length), entries.length === 1 ? ' cache' : ' caches'),
        entries.length > 8 ? h('label', { class: 'filter' }, 'Filter ', h('input', { id: 'filter', type: 'search', autocomplete: 'off' })) : null),
      exposed('cachetuning') ? null : note(hint('cachetuning') + ' Tuning, prefetching and writes are missing here.'),
      state.faults.cachetuning ? note(state.faults.cachetuning) : null,
      h('ul', { class: 'cards' }, shown.map(([name, figures]) => card(name, figures, state.tuning[name] || {})))),
    budget(state.tuning),
    backends(state),
  ];
}
