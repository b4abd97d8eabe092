// guides/axios-ky-openapi-fetch.md: the printed modules in a page's place, where localhost:8000 is the gateway and :4000 an API.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createVerifier } from 'munjigi/server';
import { browse, fetchOf } from '../lib/browser.mjs';
import { emptied, lay } from '../lib/pages.mjs';
import { run } from '../lib/processes.mjs';
import { consent } from '../lib/sign-in.mjs';
import { startWorld } from '../lib/world.mjs';

const GATEWAY = 'http://localhost:8000';
const API = 'http://localhost:4000';
const PAGE = 'http://localhost:5173';

/** As bundlers find './auth'. */
const LIKE_A_BUNDLER = `export const resolve = (name, context, next) => next(/^\\.\\.?\\/[\\w-]+$/.test(name) ? name + '.js' : name, context);`;

export async function clients({ folder, tools, ok }) {
  await compile(emptied(folder), tools);
  ok('types of openapi-fetch, ky and axios');
  const world = await startWorld({ ...tools, publicUrl: GATEWAY, origins: [PAGE] });
  const api = await startApi(createVerifier({ issuer: GATEWAY, jwksUrl: `${world.url}/.well-known/jwks.json` }));

  const jar = new Map();
  await signIn(browse(jar), world.url);
  const said = [];
  globalThis.fetch = fetchOf(jar, { [GATEWAY]: world.url, [API]: api.url }, PAGE, said);
  register(`data:text/javascript,${encodeURIComponent(LIKE_A_BUNDLER)}`);
  const load = (name) => import(pathToFileURL(join(folder, 'out', name)));
  const { auth } = await load('auth.js');
  assert.equal((await auth.ready()).status, 'signed-in');

  const gateway = await load('gateway.js');
  const count = (start) => said.filter((line) => line.startsWith(start)).length;
  const refreshes = () => count(`POST ${GATEWAY}/api/auth/refresh`);
  const atApi = (order) => ({ bouncer: api.bouncer, ask: async (item) => (await order(item)).item, tries: () => count(`POST ${API}/orders`) });
  const atGateway = { bouncer: bouncer(), ask: gateway.rename, tries: () => count('PATCH') };
  world.door.refuses = atGateway.bouncer.refuses;
  await tryOut('openapi-fetch', { ...atGateway, refreshes, ok });
  for (const name of ['ky', 'axios']) await tryOut(name, { ...atApi((await load(`orders-${name}.js`)).order), refreshes, ok });
  await staysHome(api, await load('orders-ky.js'), await load('orders-axios.js'), ok);
  auth.dispose();
  await api.end();
  await world.end();
}

/** Refuses tokens: those it has seen so far, as if they had expired, or every one. */
function bouncer() {
  const seen = new Set();
  let expired = new Set();
  let refusesAll = false;
  return {
    refuses: (token) => {
      seen.add(token);
      return refusesAll || expired.has(token);
    },
    expire: () => (expired = new Set(seen)),
    refuseAll: (isAll) => (refusesAll = isAll),
  };
}

async function tryOut(name, { bouncer, ask, tries, refreshes, ok }) {
  let [asked, refreshed] = [tries(), refreshes()];
  const since = () => {
    const counted = [tries() - asked, refreshes() - refreshed];
    [asked, refreshed] = [tries(), refreshes()];
    return counted;
  };
  assert.equal(await ask('사과'), '사과', name);
  assert.deepEqual(since(), [1, 0], `${name}: requests and refreshes`);
  ok(`${name}: a request with a body, and the token on it`);

  bouncer.expire();
  assert.equal(await ask('배'), '배', name);
  assert.deepEqual(since(), [2, 1], `${name}: requests and refreshes after a 401`);
  ok(`${name}: 401, one refresh, one retry with the same body and a new token`);

  const fruits = ['감', '귤', '살구', '자두', '매실', '포도', '수박', '참외'];
  bouncer.expire();
  assert.deepEqual(await Promise.all(fruits.map(ask)), fruits, name);
  assert.deepEqual(since(), [2 * fruits.length, 1], `${name}: requests and refreshes of many`);
  ok(`${name}: ${fruits.length} requests and 401s at once, one refresh, every body intact`);

  bouncer.refuseAll(true);
  await assert.rejects(ask('콩'), undefined, `${name}: a 401 that stays`);
  assert.deepEqual(since(), [2, 1], `${name}: requests and refreshes of a 401 that stays`);
  bouncer.refuseAll(false);
  ok(`${name}: a 401 that stays is the caller's after one retry`);
}

/** The token goes to the origins named, and nowhere else. */
async function staysHome(api, ky, axios, ok) {
  await ky.api.get(`${api.url}/elsewhere`, { prefix: '' });
  await axios.api.get(`${api.url}/elsewhere`);
  assert.deepEqual(api.elsewhere, [undefined, undefined]);
  ok('no token to another origin');
}

/** An API that answers with what it was sent, to whoever is signed in and not refused. */
async function startApi(verify) {
  const api = { bouncer: bouncer(), elsewhere: [], url: undefined, end: undefined };
  const server = createServer(async (request, answer) => {
    const { authorization } = request.headers;
    if (request.url === '/elsewhere') {
      api.elsewhere.push(authorization);
      return answer.end('{}');
    }
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    const isGood = !api.bouncer.refuses(authorization) && (await verify.request(request).catch(() => null));
    answer.writeHead(isGood ? 200 : 401, { 'Content-Type': 'application/json' }).end(isGood ? body : '{}');
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  api.url = `http://localhost:${server.address().port}`;
  api.end = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return api;
}

async function signIn(go, door) {
  const begun = await go(`${door}/api/auth/kakao/login?return_to=${encodeURIComponent(`${PAGE}/`)}`);
  const answer = await consent(begun.headers.get('location'), 'full');
  const back = await go(`${door}/api/auth/kakao/callback?${answer}`);
  assert.equal(back.headers.get('location'), `${PAGE}/`);
}

async function compile(folder, { modules }) {
  lay('guides/axios-ky-openapi-fetch.md', folder);
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2022', 'dom', 'dom.iterable'],
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    skipLibCheck: true,
    types: [],
    outDir: 'out',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await run('node', [join(modules, 'typescript/bin/tsc'), '-p', '.'], { cwd: folder });
}
