// start/nextjs.md: built and started as in production, the gateway behind its rewrites.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { browse } from '../lib/browser.mjs';
import { emptied, lay } from '../lib/pages.mjs';
import { freePort, run } from '../lib/processes.mjs';
import { check } from '../lib/resource-server.mjs';
import { withServer } from '../lib/server.mjs';
import { consent } from '../lib/sign-in.mjs';
import { startWorld } from '../lib/world.mjs';

export async function nextjs({ folder, tools, ok }) {
  lay('start/nextjs.md', emptied(folder));
  // Next.js fills in the rest; create-next-app is as strict.
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true } }));
  const port = await freePort();
  const site = `http://localhost:${port}`;
  const world = await startWorld({ ...tools, publicUrl: site });
  const env = { MUNJIGI_URL: world.url, MUNJIGI_ISSUER: site, NEXT_TELEMETRY_DISABLED: '1' };
  const next = join(tools.modules, 'next/dist/bin/next');
  await run('node', [next, 'build'], { cwd: folder, env });
  ok('next build, with type checks');

  const launch = () => ['node', [next, 'start', '--hostname', 'localhost', '--port', `${port}`], env];
  await withServer({ folder, port, launch, path: '/api/orders' }, async (server) => {
    // proxy.ts and the route handlers are two bundles, with a verifier each.
    await check(world, { ...server, fetches: 2, whenDown: 503 }, { ok });
    await throughTheSite(world, site, ok);
  });
  await world.end();
}

/** A browser's login that knows no other address than the site's. */
async function throughTheSite(world, site, ok) {
  const go = browse();
  const begun = await go(`${site}/api/auth/kakao/login?return_to=${encodeURIComponent(`${site}/orders`)}`);
  assert.equal(begun.status, 303);
  const answer = await consent(begun.headers.get('location'), 'full');
  const back = await go(`${site}/api/auth/kakao/callback?${answer}`);
  assert.equal(back.headers.get('location'), `${site}/orders`);
  const page = await (await go(back.headers.get('location'))).text();
  assert.doesNotMatch(page, /주문 \d/, 'the server knows no orders');

  const refreshed = await go(`${site}/api/auth/refresh`, { method: 'POST', headers: { Origin: site, 'X-Munjigi-Cookie': '1' } });
  assert.equal(refreshed.status, 200);
  const { access_token: token, user, refresh_token } = await refreshed.json();
  assert.equal(refresh_token, undefined, 'the refresh token is for the cookie alone');
  const orders = await go(`${site}/api/orders`, { headers: { Authorization: `Bearer ${token}` } });
  assert.deepEqual(await orders.json(), { user_id: user.id, orders: [] });
  ok('a login, a refresh and an API call through the site alone');
}
