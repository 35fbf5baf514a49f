// One cache in depth.

import { curveChart, level, shares, timeChart } from './charts.js';
import { bytes, compact, count, h, millis, moment, money, note, percent, pill, seconds, several, table } from './dom.js';
import { inUnit, mood, p99Of, rateOf, saving, tile, words } from './overview.js';
import { exposed, hint, keys, writable } from './source.js';

const panel = (id, title, ...content) => h('section', { class: 'panel', 'data-key': id, 'aria-labelledby': id }, h('h2', { id }, title), ...content);

const button = (state, action, text) => h('button', { type: 'button', 'data-action': action, 'data-key': 'do-' + action, 'aria-disabled': state.busy === action }, text);

const said = (state, ...actions) => actions.filter(action => state.said[action])
  .map(action => h('p', { class: 'said ' + state.said[action].kind }, state.said[action].words));

/** The buttons that the application allows, and what became of the last of them. */
function actions(state, id, ...all) {
  if (!writable(id)) return null;
  return h('div', { class: 'actions', 'data-key': 'actions-' + all[0][0] }, all.map(([action, text]) => button(state, action, text)), said(state, ...all.map(([action]) => action)));
}

function traffic(state, figures) {
  const rows = figures.history || [];
  const title = rows.length < 60 ? `The last ${several(rows.length || 1, 'minute')}` : 'The last hour';
  if (rows.length === 0) return panel('traffic', title, note('There is no history: analytics are off for this cache.'));
  if (rows.every(row => !row.requests && !row.loads)) return panel('traffic', title, h('p', { class: 'muted' }, 'Nobody has asked this cache for anything.'));
  return panel('traffic', title,
    h('div', { class: 'pair' },
      timeChart({ id: 'rate', title: 'Hit rate', rows, top: 1, format: percent, hover: state.hover,
        series: [{ name: 'Hit rate', kind: 'hits', value: rateOf }] }),
      timeChart({ id: 'p99', title: 'Wait of callers (p99)', rows, format: millis, hover: state.hover,
        series: [{ name: 'p99', kind: 'time', value: p99Of }] }),
      timeChart({ id: 'requests', title: 'Requests a minute', rows, bars: true, format: compact, hover: state.hover,
        series: [{ name: 'Hits', kind: 'hits', value: row => row.hits }, { name: 'Misses and bypassed', kind: 'loads', value: row => row.requests - row.hits }] }),
      timeChart({ id: 'loads', title: 'Loads a minute', rows, bars: true, format: compact, hover: state.hover,
        series: [{ name: 'Done', kind: 'loads', value: row => row.loads - row.loadFailures }, { name: 'Failed', kind: 'failures', value: row => row.loadFailures }] })));
}

function answers(figures) {
  const tiers = figures.hitsByTier;
  return panel('answers', 'Where answers came from',
    shares('Source', [
      { name: 'Memory', kind: 'hits', value: tiers.memory, always: true },
      { name: 'Redis', kind: 'redis', value: tiers.redis },
      { name: 'Replica', kind: 'replica', value: tiers.replica },
      { name: 'Store', kind: 'store', value: tiers.store },
      { name: 'Nobody: a load', kind: 'loads', value: figures.misses, always: true },
      { name: 'Past the cache (bypass)', kind: 'bypassed', value: figures.bypassed },
    ], count, percent),
    h('p', { class: 'muted' }, `Among the hits, ${count(figures.staleHits)} stale and ${count(figures.negativeHits)} remembered as absent or failing.`));
}

function latency(figures) {
  const rows = [['Hit', figures.latency.hit], ['Load', figures.latency.load]];
  return panel('latency', 'How long it takes',
    table('Latency over the last five minutes', [
      ['What', ([name]) => name],
      ...['mean', 'p50', 'p95', 'p99', 'max'].map(of => [of, ([, took]) => millis(took[of]), 'number'])], rows),
    h('p', { class: 'muted' }, 'Over the last five minutes.'));
}

function memory(figures, features) {
  const partitions = figures.partitions || [];
  return panel('memory', 'Memory',
    h('p', null, h('b', null, count(figures.size)), ' entries', features.size ? ` of at most ${count(features.size.current)}` : '', `, ${count(figures.evictions)} evictions.`),
    partitions.length ? table('Partitions', [
      ['Partition', part => part.id],
      ['Entries', part => [level(part.maximumSize ? part.size / part.maximumSize : 0, 'hits'), h('span', { class: 'wide' }, count(part.size), h('small', null, ' of ', count(part.maximumSize)))], 'number'],
      ['Hit rate', part => (part.hits + part.misses ? percent(part.hits / (part.hits + part.misses)) : '\u2013'), 'number'],
      ['Evictions', part => count(part.evictions), 'number']], partitions)
      : h('p', { class: 'muted' }, 'It is not divided into partitions.'));
}

function decisions(caption, list, show) {
  if (!list || !list.length) return h('p', { class: 'muted' }, 'No decision yet.');
  return table(caption, [
    ['When', one => moment(one.at)],
    ['From', one => show(one.from), 'number'],
    ['To', one => (String(show(one.from)) === String(show(one.to)) ? 'kept' : show(one.to)), 'number'],
    ['Why', one => one.reason]], [...list].reverse().slice(0, 10), { class: 'reasons' });
}

function size(state, features) {
  const tuned = features.size;
  if (!tuned) return null;
  const last = tuned.decisions[tuned.decisions.length - 1];
  const marks = [{ at: tuned.current, name: 'Today', kind: 'today' }];
  if (last && last.to !== tuned.current) marks.push({ at: last.to, name: 'The tuner\u2019s choice', kind: 'choice' });
  else if (last) marks[0].name = 'Today, the tuner\u2019s choice';
  return panel('size', 'The right size',
    h('p', { class: 'muted' }, `Policy ${tuned.policy}, between ${count(tuned.minimum)} and ${count(tuned.maximum)} entries, for a hit rate of ${percent(tuned.target)}.`),
    tuned.curve && tuned.curve.length
      ? curveChart({ points: tuned.curve, marks, target: tuned.target, format: percent, size: compact })
      : note('The curve appears when enough requests were seen.'),
    h('h3', null, 'Decisions'), decisions('Decisions on the size', tuned.decisions, compact));
}

const list = value => (Array.isArray(value) ? value.map(compact).join(' \u00b7 ') : typeof value === 'number' ? compact(value) : String(value));

function lifetimes(features) {
  const ttl = features.timeToLive;
  if (!ttl) return null;
  return panel('ttl', 'Time to live',
    h('p', null, 'Policy ', ttl.policy, ': ', h('b', null, ttl.meanSeconds ? seconds(ttl.meanSeconds) : 'nothing learnt yet'), ttl.meanSeconds ? ' in the mean, ' : ', ',
      count(ttl.tracked), ttl.policy === 'hit-rate' ? ' keys' : ' classes of keys', ' known.'),
    h('h3', null, 'Decisions'), decisions('Decisions on the time to live', ttl.decisions, seconds));
}

function prefetching(features) {
  const of = features.prefetch;
  if (!of) return null;
  const judged = (of.useful || 0) + (of.late || 0) + (of.wasted || 0);
  return panel('prefetch', 'Prefetching',
    h('p', null, judged ? [h('b', null, percent(of.precision)), ' of what was prefetched was asked for'] : 'Nothing to judge yet',
      of.mode === 'observe' ? ' (or would have been: it only observes).' : '.', of.paused ? [' ', pill('warn', 'paused'), ' ', of.paused] : ''),
    shares('Prefetched', [
      { name: 'Useful', kind: 'hits', value: of.useful || 0, always: true },
      { name: 'Late', kind: 'time', value: of.late || 0 },
      { name: 'Wasted', kind: 'loads', value: of.wasted || 0, always: true },
      { name: 'Failed', kind: 'failures', value: of.failed || 0 },
    ], count, percent),
    h('p', { class: 'muted' }, `${count(of.issued)} issued; callers were spared ${seconds(of.secondsSaved)}.`),
    of.rejected && Object.keys(of.rejected).length
      ? h('details', { 'data-key': 'rejected' }, h('summary', null, 'Predictions not acted on'),
          table('Predictions not acted on', [['Reason', ([reason]) => words(reason)], ['Count', ([, n]) => count(n), 'number']], Object.entries(of.rejected)))
      : null);
}

function tuning(state, features) {
  if (!exposed('cachetuning')) return panel('tuning', 'Tuning', note(hint('cachetuning') + ' Size, time to live, prefetching, writes and replicas are shown from it.'));
  if (state.faults.cachetuning) return panel('tuning', 'Tuning', note(state.faults.cachetuning));
  const tuned = features.size || features.timeToLive || features.partitions || features.budget;
  const off = [['size', 'size tuner'], ['timeToLive', 'time-to-live optimiser'], ['prefetch', 'prefetching'], ['write', 'write policy'], ['replication', 'replication']]
    .filter(([feature]) => !features[feature]).map(([, name]) => name);
  return [
    size(state, features),
    features.partitions ? panel('rebalancing', 'Between partitions',
      decisions('Decisions on the partitions', features.partitions.decisions, list)) : null,
    lifetimes(features),
    features.budget ? panel('share', 'Its share of the budget',
      h('p', null, h('b', null, inUnit(features.budget.unit)(features.budget.share)), ' of ', inUnit(features.budget.unit)(features.budget.total), features.budget.unit === 'entries' ? ' entries' : '', features.budget.text ? '; ' + features.budget.text : '', '.'),
      decisions('Decisions on the budget', features.budget.decisions, inUnit(features.budget.unit))) : null,
    features.memory && !features.budget ? panel('memory', 'What memory is worth',
      h('p', null, 'An entry takes about ', bytes(features.memory.entryBytes), '; ', features.memory.text, '.')) : null,
    prefetching(features),
    writing(state, features),
    replication(features),
    tuned || off.length ? panel('tuning', 'Tuning',
      off.length ? h('p', { class: 'muted' }, 'Off for this cache: ', off.join(', '), '.') : null,
      tuned ? (writable('cachetuning') ? actions(state, 'cachetuning', ['step', 'Take a tuning step now'])
        : h('p', { class: 'muted' }, 'A step can be taken from here with management.endpoint.cachetuning.access=unrestricted.')) : null) : null,
  ];
}

function writing(state, features) {
  const write = features.write;
  if (!write) return null;
  const letters = write.deadLetters || [];
  return panel('write', 'Writes to the store',
    h('p', null, 'Policy ', write.policy, ': ', h('b', null, count(write.dirty)), ' waiting, ', h('b', null, count(write.flushed)), ' written, ', h('b', null, count(write.failed)), ' failed attempts.'),
    letters.length
      ? [table('Dead letters', [
          ['Key', letter => (letter.key == null ? 'not shown' : h('code', null, letter.key))],
          ['Attempts', letter => count(letter.attempts), 'number'],
          ['Error', letter => letter.error],
          ...(letters.some(letter => letter.reason) ? [['Reason', letter => letter.reason || '']] : [])], letters),
        actions(state, 'cachetuning', ['retry', 'Retry the dead letters'])]
      : h('p', { class: 'muted' }, keys === 'never' ? 'Dead letters are not shown: tinyllm.cache.analytics.show-keys is never.' : 'No dead letters.'),
    letters.length ? null : said(state, 'retry'));
}

function replication(features) {
  const found = features.replication?.backends;
  if (!found) return null;
  return panel('replication', 'Replicas', table('Replicas', [
    ['Backend', backend => backend.name],
    ['State', backend => pill(mood(backend.state), words(backend.state))],
    ['Writes behind', backend => count(backend.lag), 'number']], found));
}

function snapshots(state, name) {
  if (!exposed('cachesnapshots')) return panel('snapshots', 'Snapshots', note(hint('cachesnapshots')));
  if (state.faults.cachesnapshots) return panel('snapshots', 'Snapshots', note(state.faults.cachesnapshots));
  const own = state.snapshots.filter(one => one.cache === name);
  return panel('snapshots', 'Snapshots',
    own.length ? table('Snapshots', [
      ['Saved', one => moment(one.savedAt)],
      ['Entries', one => count(one.entries), 'number'],
      ['Size', one => bytes(one.bytes), 'number'],
      ['Generation', one => one.generation, 'number']], own)
      : h('p', { class: 'muted' }, 'There is none of this cache.'),
    writable('cachesnapshots')
      ? actions(state, 'cachesnapshots', ['save', 'Save now'], ['restore', 'Restore the newest'])
      : h('p', { class: 'muted' }, 'Saving and restoring from here needs management.endpoint.cachesnapshots.access=unrestricted.'));
}

const keyCell = (state, key) => (keys === 'plain' && typeof key === 'string' && !key.endsWith('\u2026')
  ? h('button', { type: 'button', class: 'key', 'data-action': 'explain-key', 'data-of': key, title: 'Explain this key' }, key)
  : h('code', null, key));

function keysOf(state, name, figures) {
  const why = keys === 'never'
    ? note('Keys are not shown: tinyllm.cache.analytics.show-keys is never.')
    : keys === 'hashed' ? h('p', { class: 'muted' }, 'Keys are shown as hashes with the length of their text; tinyllm.cache.analytics.show-keys=plain shows the text.') : null;
  if (keys === 'never') return panel('keys', 'Keys', why);
  const hottest = Math.max(1, ...figures.hotKeys.map(hot => hot.count));
  return panel('keys', 'Keys', why,
    keys === 'plain' ? explanation(state, name) : null,
    h('div', { class: 'pair' },
      h('div', null, h('h3', null, 'Asked for most'), figures.hotKeys.length
        ? table('Hot keys', [['Key', hot => keyCell(state, hot.key)], ['Requests', hot => [level(hot.count / hottest, 'hits'), h('span', { class: 'wide' }, count(hot.count))], 'number']], figures.hotKeys, { class: 'keys' })
        : h('p', { class: 'muted' }, 'None yet.')),
      h('div', null, h('h3', null, 'Not asked for the longest'), figures.coldKeys.length
        ? table('Cold keys', [['Key', cold => keyCell(state, cold.key)], ['Idle for', cold => seconds(cold.idleSeconds), 'number']], figures.coldKeys, { class: 'keys' })
        : h('p', { class: 'muted' }, 'None yet.'))));
}

const STATES = {
  bypassed: 'A rule keeps this key away from the cache.',
  dirty: 'Written, and not in the store yet.',
  negative: 'Remembered as absent or failing.',
  fresh: 'In the cache, and served.',
  stale: 'Past its time to live, and still served while or if a load allows.',
  loading: 'Being loaded now.',
  staged: 'Prefetched, and nobody has asked for it yet.',
  absent: 'Not in the cache.',
};

function explanation(state, name) {
  const known = state.explained && state.explained.cache === name ? state.explained : null;
  return h('div', { class: 'explain', 'data-key': 'explain' },
    h('form', { class: 'ask' }, h('label', { for: 'key' }, 'Explain a key'),
      h('input', { id: 'key', type: 'text', autocomplete: 'off', spellcheck: 'false', placeholder: 'Its text' }), h('button', { type: 'submit' }, 'Explain')),
    known ? (known.fault ? h('p', { class: 'said bad' }, known.fault) : facts(known.body)) : null);
}

function facts(of) {
  const ttl = of.timeToLive;
  const rows = [
    ['Answered by', of.tier && of.tier !== 'none' ? of.tier : null],
    ['Age', of.ageSeconds != null ? seconds(of.ageSeconds) : null],
    ['Still fresh for', of.remainingSeconds != null ? seconds(Math.max(0, of.remainingSeconds)) : null],
    ['Time to live', ttl ? (ttl.seconds ? seconds(ttl.seconds) : 'for ever') : null],
    ['Last asked for', of.idleSeconds != null ? seconds(of.idleSeconds) + ' ago' : null],
    ['Its load took', of.loadedInMillis != null ? millis(of.loadedInMillis) : null],
    ['Kept away by', of.bypassedBy],
    ['Tags', of.tags && of.tags.length ? of.tags.join(', ') : null],
    ['Evicted by the tag', of.evictedByTag],
    ['In Redis', of.redis ? (of.redis.present ? 'yes' + (of.redis.remainingSeconds != null ? ', for ' + seconds(of.redis.remainingSeconds) : '') : 'no') : null],
    ['In the store', of.store ? (of.store.dirty ? 'not yet' : 'nothing is waiting to be written') : null],
  ].filter(([, value]) => value != null);
  return h('div', { class: 'facts-of-key', 'data-key': 'facts' },
    h('p', null, pill({ fresh: 'good', dirty: 'warn', stale: 'warn', negative: 'warn', loading: 'warn' }[of.state] || 'plain', of.state), ' ', h('code', null, of.key)),
    h('p', { class: 'muted' }, STATES[of.state] || ''),
    ttl?.because ? h('p', { class: 'muted' }, 'Its time to live: ', ttl.because, '.') : null,
    h('dl', { class: 'facts' }, rows.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))));
}

function llm(figures) {
  const of = figures.llm;
  if (!of) return null;
  const rows = [['Spent', of.spent], ['Saved', of.saved], ['Background', of.background], ['Net', of.net]].filter(([, part]) => part);
  return panel('llm', 'Language models',
    table('What was spent and saved', [
      ['What', ([name]) => name],
      ['Calls', ([, part]) => count(part.calls), 'number'],
      ['Tokens in', ([, part]) => compact(part.inputTokens), 'number'],
      ['Tokens out', ([, part]) => compact(part.outputTokens), 'number'],
      ['Time', ([, part]) => seconds(part.seconds), 'number'],
      ['Cost', ([, part]) => (part.cost == null ? '\u2013' : money(part.cost, of.currency)), 'number']], rows),
    of.unpriced ? h('p', { class: 'muted' }, `${count(of.unpriced)} answers are of models without a price.`) : null,
    of.models?.length ? h('details', { 'data-key': 'models' }, h('summary', null, 'By model'),
      table('By model', [['Model', one => one.model], ['Hits', one => count(one.hits), 'number'], ['Misses', one => count(one.misses), 'number'],
        ['Spent', one => money(one.spent.cost, of.currency), 'number'], ['Saved', one => money(one.saved.cost, of.currency), 'number']], of.models)) : null,
    ...[['missReasons', 'Why answers were not there'], ['notStored', 'Why answers were not kept'], ['bypassed', 'Why requests went past the cache']].map(([field, title]) => {
      const found = Object.entries(of[field] || {}).filter(([, n]) => n > 0);
      return found.length ? h('details', { 'data-key': field }, h('summary', null, title),
        table(title, [['Reason', ([reason]) => words(reason)], ['Count', ([, n]) => count(n), 'number']], found)) : null;
    }));
}

function notShared(figures) {
  if (!figures.notShared?.length) return null;
  return panel('not-shared', 'Kept in this instance alone',
    table('Values that have no stored form', [['Type', one => h('code', null, one.type)], ['Why', one => one.reason], ['Values', one => count(one.count), 'number']], figures.notShared));
}

/** The page of one cache: its content. */
export function detail(state, name) {
  const back = h('p', { class: 'back' }, h('a', { href: '#/' }, '\u2190 All caches'));
  const figures = state.analytics[name];
  if (!figures) return [back, h('h1', null, name), note(state.faults.cacheanalytics || 'There is no cache of this name (yet).')];
  const features = state.tuning[name] || {};
  const saved = saving(figures);
  return [
    back,
    h('h1', null, name),
    h('dl', { class: 'tiles', 'data-key': 'tiles' },
      tile('Hit rate', figures.requests ? percent(figures.hitRate) : '\u2013', 'since the start'),
      tile('Requests', compact(figures.requests), `${compact(figures.hits)} hits, ${compact(figures.misses)} misses`),
      tile('Waiting saved', seconds(figures.secondsSaved), 'hits \u00d7 what loads take'),
      saved ? tile('Money saved', money(saved.cost, saved.currency)) : null,
      tile('Loads', compact(figures.loads), figures.loadFailures ? `${compact(figures.loadFailures)} failed` : 'none failed'),
      tile('Entries', compact(figures.size), `${compact(figures.evictions)} evicted`)),
    traffic(state, figures),
    h('div', { class: 'columns', 'data-key': 'columns' }, answers(figures), latency(figures), memory(figures, features), llm(figures),
      tuning(state, features), snapshots(state, name), notShared(figures)),
    keysOf(state, name, figures),
  ];
}
