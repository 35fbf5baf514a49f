// The page: what is shown, what is asked for and when, and what the reader does.

import { detail } from './detail.js';
import { h, moment, morph, note } from './dom.js';
import { overview } from './overview.js';
import { act, exposed, hint, read } from './source.js';

const EVERY_MILLIS = 3000;

const state = {
  view: { name: null },
  analytics: null,       // figures by cache
  tuning: {},            // features by cache
  snapshots: [],
  backends: null,        // details of the health contributor
  faults: {},            // what an endpoint that told nothing is said to have done
  hover: null,
  explained: null,       // {cache, key, body or fault}
  said: {},              // what became of an action, by its place
  busy: null,
  filter: '',
};

const main = document.getElementById('main');
const pulse = document.getElementById('pulse');
const toast = document.getElementById('toast');
let live = true;
let timer = 0;
let turn = 0;
const FINAL = [401, 403, 404];
const refused = new Set();
let lastAnswer = null;
let down = false;

// --- asking

const suffix = () => (state.view.name === null ? '' : '/' + encodeURIComponent(state.view.name));

async function ask(id) {
  const name = state.view.name;
  const answer = await read(id, id === 'health' ? '/tinyllmCache' : id === 'cachesnapshots' ? '' : suffix());
  if (name !== state.view.name) return;
  down = answer.status === 0;
  if (!down) lastAnswer = new Date();
  if (answer.fault) {
    if (down) return;
    state.faults[id] = answer.fault;
    if (FINAL.includes(answer.status)) refused.add(id);
    if (id === 'cacheanalytics' && name !== null && answer.status === 404) {
      state.analytics = { ...state.analytics };
      delete state.analytics[name];
    }
    return;
  }
  delete state.faults[id];
  refused.delete(id);
  take(id, name, answer.body);
}

function take(id, name, body) {
  if (id === 'cacheanalytics') {
    if (name === null) state.analytics = body.caches || {};
    else state.analytics = { ...state.analytics, [name]: body };
  } else if (id === 'cachetuning') {
    if (name === null) state.tuning = body.caches || {};
    else state.tuning[name] = body;
  } else if (id === 'cachesnapshots') {
    state.snapshots = body.snapshots || [];
  } else if (id === 'health') {
    state.backends = body.details || {};
  }
}

/** Figures first and most often; an endpoint that refuses is asked again when the view changes. */
const ROUND = ['cacheanalytics', 'cachetuning', 'cacheanalytics', 'health', 'cacheanalytics', 'cachesnapshots'];

function next() {
  for (let i = 0; i < ROUND.length; i++) {
    const id = ROUND[turn++ % ROUND.length];
    if (exposed(id) && !refused.has(id)) return id;
  }
  return null;
}

async function tick() {
  clearTimeout(timer);
  if (document.hidden || !live) return;
  const id = next();
  if (id) {
    await ask(id);
    render();
  }
  if (!document.hidden && live) {
    clearTimeout(timer);
    timer = setTimeout(tick, EVERY_MILLIS);
  }
}

/** Everything anew, after a change of view. */
async function refresh() {
  clearTimeout(timer);
  for (const id of new Set(ROUND)) {
    if (exposed(id)) {
      await ask(id);
      render();
    }
  }
  turn = 0;
  clearTimeout(timer);
  timer = setTimeout(tick, EVERY_MILLIS);
}

// --- showing

function render() {
  const fresh = document.createElement('main');
  fresh.append(...content().flat().filter(Boolean));
  morph(main, fresh);
  document.title = (state.view.name === null ? '' : state.view.name + ' \u2013 ') + 'Caches';
  const words = down ? 'No answer from the application' : !live ? 'Paused' : lastAnswer ? 'Live' : 'Asking \u2026';
  if (pulse.textContent !== words) pulse.textContent = words;
  pulse.className = 'pulse ' + (down ? 'bad' : live ? 'good' : 'still');
  pulse.title = lastAnswer ? 'Last answer at ' + moment(lastAnswer) : '';
}

function content() {
  if (!exposed('cacheanalytics')) return [h('h1', null, 'Caches'), note(hint('cacheanalytics') + ' The figures of this page come from there.')];
  if (state.analytics === null) {
    return [h('h1', null, 'Caches'), note(state.faults.cacheanalytics || (down ? 'The application does not answer.' : 'Asking for the figures \u2026'))];
  }
  return state.view.name === null ? overview(state) : detail(state, state.view.name);
}

// --- doing

const ACTIONS = {
  step: ['cachetuning', {}, 'A step was taken: see the newest decisions.'],
  retry: ['cachetuning', { action: 'retry-dead-letters' }, 'The dead letters are being written again.'],
  save: ['cachesnapshots', { action: 'save' }, body => `Saved ${body.entries} entries in ${body.tookMillis} ms.`],
  restore: ['cachesnapshots', { action: 'restore' }, body => `Restored ${body.entries} entries in ${body.tookMillis} ms, ${body.skipped} left out.`],
};

async function perform(action) {
  const cache = state.view.name;
  const [id, body, words] = ACTIONS[action];
  state.busy = action;
  delete state.said[action];
  render();
  const answer = await act(id, '/' + encodeURIComponent(cache), body);
  state.busy = null;
  state.said[action] = answer.fault
    ? { kind: 'bad', words: answer.fault }
    : { kind: 'good', words: typeof words === 'string' ? words : words(answer.body) };
  toast.textContent = state.said[action].words;
  if (!answer.fault && id === 'cachetuning' && answer.body) state.tuning[cache] = answer.body;
  render();
  await ask(id);
  render();
}

async function explain(cache, key) {
  const answer = await read('cacheanalytics', '/' + encodeURIComponent(cache) + '?key=' + encodeURIComponent(key));
  state.explained = { cache, key, ...answer };
  toast.textContent = answer.fault || `The key is ${answer.body.state}.`;
  render();
}

function route() {
  const match = /^#\/cache\/(.+)$/.exec(location.hash);
  let name = null;
  try {
    name = match ? decodeURIComponent(match[1]) : null;
  } catch {
    // an address that nobody wrote: the overview
  }
  const moved = name !== state.view.name;
  state.view = { name };
  if (moved) {
    state.said = {};
    state.hover = null;
    state.explained = null;
    toast.textContent = '';
    scrollTo(0, 0);
  }
  render();
  return moved;
}

document.addEventListener('click', event => {
  const target = event.target.closest('[data-action]');
  if (!target) return;
  const action = target.dataset.action;
  if (action === 'skip') {
    event.preventDefault();
    main.focus();
  } else if (action === 'pause') {
    live = !live;
    target.setAttribute('aria-pressed', String(!live));
    target.textContent = live ? 'Pause' : 'Go on';
    render();
    if (live) tick();
  } else if (action === 'explain-key') {
    const input = document.getElementById('key');
    if (input) input.value = target.dataset.of;
    explain(state.view.name, target.dataset.of);
  } else if (ACTIONS[action] && !state.busy) {
    perform(action);
  }
});

document.addEventListener('submit', event => {
  event.preventDefault();
  const key = document.getElementById('key').value;
  if (key !== '') explain(state.view.name, key);
});

document.addEventListener('input', event => {
  if (event.target.id === 'filter') {
    state.filter = event.target.value;
    render();
  }
});

document.addEventListener('pointermove', event => {
  const svg = event.target.closest?.('svg[data-chart]');
  let hover = null;
  if (svg) {
    const box = svg.getBoundingClientRect();
    hover = { chart: svg.dataset.chart, index: Math.floor(((event.clientX - box.left) / box.width) * Number(svg.dataset.slots)) };
  }
  if (hover?.chart !== state.hover?.chart || hover?.index !== state.hover?.index) {
    state.hover = hover;
    render();
  }
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) clearTimeout(timer);
  else tick();
});

addEventListener('hashchange', () => {
  if (route()) {
    main.focus({ preventScroll: true });
    refresh();
  }
});

route();
refresh();
