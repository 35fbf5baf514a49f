// Asks the other endpoints, with the rights of the reader.

const all = new Map();
for (const meta of document.querySelectorAll('meta[name=endpoint]')) {
  all.set(meta.content, { path: meta.dataset.path, writes: meta.dataset.writes === 'true' });
}

/** How keys are shown: plain, hashed or never. */
export const keys = document.querySelector('meta[name=keys]')?.content || 'hashed';

/** Whether the application exposes an endpoint over HTTP. */
export const exposed = id => all.has(id);

/** Whether the application lets anybody change something through an endpoint. */
export const writable = id => all.get(id)?.writes === true;

/** The words for an endpoint that is not exposed. */
export const hint = id => `The endpoint ${id} is not exposed: add it to management.endpoints.web.exposure.include.`;

function words(status, id) {
  if (status === 401) return `You are not logged in, so ${id} tells you nothing (401).`;
  if (status === 403) return `You may not read ${id} (403).`;
  if (status === 404) return `${id} has nothing for this page (404).`;
  return `${id} answered with an error (${status}).`;
}

/** The reason of a failure by the body of its answer: a problem detail, or where asked for any other error. */
async function problem(response, any) {
  try {
    const body = await response.json();
    return body.detail || (any && (body.error || body.message)) || '';
  } catch {
    return '';
  }
}

const isJson = response => /json/.test(response.headers.get('Content-Type') || '');

/** Reads what an endpoint tells: {body} or {fault, status}; status 0 is no answer at all. */
export async function read(id, suffix = '') {
  const endpoint = all.get(id);
  if (!endpoint) return { fault: hint(id), status: 404 };
  let response;
  try {
    response = await fetch(endpoint.path + suffix, {
      headers: { Accept: 'application/json' }, cache: 'no-store', signal: AbortSignal.timeout(15000) });
  } catch {
    return { fault: 'The application does not answer.', status: 0 };
  }
  if (response.redirected && !isJson(response)) return { fault: words(401, id), status: 401 };
  if (!response.ok && response.status !== 503) {
    return { fault: (await problem(response, false)) || words(response.status, id), status: response.status };
  }
  try {
    return { body: await response.json() };
  } catch {
    return { fault: `${id} did not answer with JSON.`, status: response.status };
  }
}

/** The header that Spring Security wants to see with an action, where there is one. */
async function token() {
  const response = await fetch(document.body.dataset.files + '/token', { cache: 'no-store' });
  const name = response.headers.get('X-Dashboard-Token-Header');
  return name ? { [name]: response.headers.get('X-Dashboard-Token') } : {};
}

/** Asks an endpoint to do something: {body} or {fault}. */
export async function act(id, suffix, body) {
  try {
    const response = await fetch(all.get(id).path + suffix, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', ...(await token()) },
      body: JSON.stringify(body),
    });
    if (response.ok && isJson(response)) return { body: await response.json() };
    if (response.redirected || response.status === 401) return { fault: 'Refused: you are not logged in.' };
    if (response.status === 403) return { fault: 'Refused: you may not do this (403).' };
    if (response.status === 404) return { fault: 'The application knows nothing of it (404).' };
    if (response.ok) return { body: {} };
    return { fault: (await problem(response, true)) || `It failed (${response.status}).` };
  } catch {
    return { fault: 'The application does not answer.' };
  }
}
