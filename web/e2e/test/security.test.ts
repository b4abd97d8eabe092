// What a browser is given to keep, and what other people's pages and addresses cannot do with it.
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { consent, counts, EXCHANGE, failure, loginButton, press, REFRESH, see, sees, signedIn, somebodyNew, stolenCallback, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const browsing = useBrowser();

/** The browser's own account of its cookies, by the DevTools protocol. */
async function cookies(context: BrowserContext, page: Page, origin: string) {
  const session = await context.newCDPSession(page);
  const { cookies: all } = await session.send('Network.getCookies', { urls: [origin] });
  return all.filter(({ name }) => name.includes('munjigi'));
}

describe('cookies', () => {
  const world = useWorld();

  it('of a login: Lax, for ten minutes, out of scripts’ reach', async () => {
    const context = await browsing.open();
    const page = await visit(context, world);
    await loginButton(page).click();
    await page.getByRole('button', { name: '취소' }).waitFor();
    const [attempt, ...others] = await cookies(context, page, world.gateway);
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', domain: 'localhost', session: false });
    const state = new URL(page.url()).searchParams.get('state');
    expect(attempt!.name).toBe(`munjigi_login_${state}`);
    expect(attempt!.expires - Date.now() / 1000).toBeLessThanOrEqual(600);
  });

  it('of a session: Strict, for seven days, out of scripts’ reach; the token is nowhere else', async () => {
    const context = await browsing.open();
    const page = await signedIn(context, world);
    const kept = await cookies(context, page, world.gateway);
    const session = kept.find(({ name }) => name === 'munjigi_rt')!;
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost', session: false });
    expect((session.expires - Date.now() / 1000) / 86_400).toBeCloseTo(7, 1);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(stored).not.toContain('eyJ');
    expect(page.url()).toBe(`${world.front.url}/`);
  });

  it('are gone after signing out', async () => {
    const context = await browsing.open();
    const page = await signedIn(context, world);
    await press(page, 'Sign out');
    await page.getByText('done: {').waitFor();
    const names = (await cookies(context, page, world.gateway)).map(({ name }) => name);
    expect(names.filter((name) => name === 'munjigi_rt')).toEqual([]);
  });
});

describe('cookies of a gateway whose address is https', () => {
  // A proxy with TLS is somebody else's; browsers take secure cookies from http://localhost too.
  const world = useWorld({ secure: true });

  it('carry the prefix and the attribute that keep sibling hosts and plain http out', async () => {
    const context = await browsing.open();
    const page = await signedIn(context, world, 'full', '/b');
    const kept = await cookies(context, page, world.gateway);
    expect(kept).toMatchObject([{ name: '__Host-munjigi_rt', secure: true, httpOnly: true, sameSite: 'Strict', path: '/' }]);
    await page.reload();
    await sees(page, { status: 'signed-in' });
    await page.goto(`${world.gateway}/api/auth/kakao/login`);
    const names = (await cookies(context, page, world.gateway)).filter(({ secure }) => secure).map(({ name }) => name);
    expect(names.sort()).toEqual([expect.stringMatching(/^__Host-munjigi_login_/), '__Host-munjigi_rt']);
  });
});

describe('somebody else’s login', () => {
  const world = useWorld();

  it.each(['/', '/b'])('cannot be finished in the victim’s browser (%s)', async (path) => {
    const attacker = await browsing.open();
    const stolen = await stolenCallback(world, attacker, await visit(attacker, world, path), somebodyNew());
    const victim = await browsing.open();
    const count = counts(victim, world);
    const page = await victim.newPage();
    await page.goto(stolen.href);
    await page.getByRole('alert').waitFor();
    await page.getByText('LOGIN_STATE_INVALID').first().waitFor();
    expect(count(EXCHANGE)).toBe(0);
    expect(await cookies(victim, page, world.gateway)).toEqual([]);
    expect(await page.content()).not.toContain(stolen.searchParams.get('code'));
  });

  it.each(['/', '/b'])('does not end a session the victim has (%s)', async (path) => {
    const attacker = await browsing.open();
    const stolen = await stolenCallback(world, attacker, await visit(attacker, world, path), somebodyNew());
    const victim = await browsing.open();
    const { session } = await see(await signedIn(victim, world));
    await (await victim.newPage()).goto(stolen.href);
    await sees(await visit(victim, world), { status: 'signed-in', session: session! });
  });

  it.each(['/', '/b'])('cannot be put under the victim’s state (%s)', async (path) => {
    const attacker = await browsing.open();
    const stolen = await stolenCallback(world, attacker, await visit(attacker, world, path), somebodyNew());
    const victim = await browsing.open();
    const page = await visit(victim, world, path);
    await loginButton(page).click();
    await page.getByRole('button', { name: '취소' }).waitFor();
    const injected = new URL(stolen);
    injected.searchParams.set('state', new URL(page.url()).searchParams.get('state')!);
    await page.goto(injected.href);
    await failure(page, 'KAKAO_LOGIN_FAILED');
    await sees(page, { status: 'signed-out' });
    expect((await cookies(victim, page, world.gateway)).filter(({ name }) => name === 'munjigi_rt')).toEqual([]);
  });
});

describe('pages of other origins', () => {
  const world = useWorld();

  it('cannot use the cookie', async () => {
    const context = await browsing.open();
    const own = await signedIn(context, world);
    const before = await see(own);
    // Of the same site, so that the cookie would be sent, but on no list.
    const foreign = await context.newPage();
    await foreign.goto(world.front.api);
    const tried = await foreign.evaluate(async (gateway) => {
      const send = (path: string, init: RequestInit) => fetch(gateway + path, { method: 'POST', credentials: 'include', ...init }).then(({ status }) => status, () => 'refused');
      return [
        await send('/api/auth/refresh', { headers: { 'X-Munjigi-Cookie': '1' } }),
        await send('/api/auth/logout', { headers: { 'X-Munjigi-Cookie': '1' } }),
        await send('/api/auth/refresh', {}),
        await send('/api/auth/logout', { headers: { 'Content-Type': 'text/plain' }, body: '{"scope":"all"}' }),
      ];
    }, world.gateway);
    expect(tried).toEqual(['refused', 'refused', 'refused', 'refused']);
    expect(world.wire.seen.filter((route) => route.startsWith('OPTIONS')).length).toBeGreaterThan(0);
    await press(own, 'Refresh');
    await own.getByText('done: "token"').waitFor();
    expect(await see(own)).toMatchObject({ session: before.session! });
  });

  it('cannot frame ours', async () => {
    browsing.expectBreach(/frame-ancestors 'none'/);
    const context = await browsing.open();
    const refused: string[] = [];
    for (const path of ['/account', '/docs', '/api/auth/kakao/callback?error=x&state=y']) {
      const page = await visit(context, world, '/app.js');
      const [frame] = await Promise.all([
        page.waitForEvent('requestfailed', (request) => request.isNavigationRequest()).then(() => 'refused', () => 'shown'),
        page.evaluate((src) => void document.body.append(Object.assign(document.createElement('iframe'), { src })), world.gateway + path),
      ]);
      refused.push(frame);
    }
    expect(refused).toEqual(['refused', 'refused', 'refused']);
  });
});

describe('localhost and 127.0.0.1', () => {
  const world = useWorld();
  const mixed = () => `/?gateway=${encodeURIComponent(world.gateway.replace('localhost', '127.0.0.1'))}`;

  it('mixed, the login is refused and the page says why', async () => {
    const page = await visit(await browsing.open(), world, mixed());
    await loginButton(page).click();
    await consent(page);
    await page.getByText('LOGIN_STATE_INVALID', { exact: true }).waitFor();
    await page.getByText('개발자용').click();
    await page.getByText('localhost and 127.0.0.1 are different hosts').waitFor();
  });

  it('mixed, nobody is signed in who is by the right name', async () => {
    const context = await browsing.open();
    await (await signedIn(context, world)).close();
    const count = counts(context, world);
    await sees(await visit(context, world, mixed()), { status: 'signed-out', reason: 'initial' });
    await sees(await visit(context, world), { status: 'signed-in' });
    expect(count(REFRESH)).toBe(1);
  });
});
