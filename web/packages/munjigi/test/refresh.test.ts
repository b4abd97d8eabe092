import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MunjigiError, type AuthState } from '../src/index.js';
import { createFakeGateway, fakeUser } from '../src/testing/index.js';
import { html, later, pass, REFRESH, rejection, signedIn, tab } from './helpers.js';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-21T04:00:00Z') });
});

const MINUTE = 60_000;

describe('the first refresh', () => {
  it('says nothing before somebody looks', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway);
    await pass(MINUTE);
    expect(auth.getState()).toEqual({ status: 'loading', user: null, error: null });
    expect(gateway.received).toHaveLength(0);
  });

  it.each([
    ['subscribe', (auth: ReturnType<typeof tab>['auth']) => void auth.subscribe(() => {})],
    ['ready', (auth: ReturnType<typeof tab>['auth']) => void auth.ready()],
  ])('is started by %s', async (_, start) => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway);
    start(auth);
    await pass(0);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('signs in with 200', async () => {
    const { auth, user, gateway } = await signedIn();
    const expiresAt = Date.now() + 900_000;
    expect(auth.getState()).toEqual({ status: 'signed-in', user, error: null, expiresAt, sessionId: 'sid-1' });
    const [asked] = gateway.received;
    expect(asked?.headers.get('X-Munjigi-Cookie')).toBe('1');
    expect(asked?.headers.get('Accept-Language')).toBe('ko');
  });

  it('leaves the console clean with 204: signed out, and no event', async () => {
    const gateway = createFakeGateway();
    const { auth, events } = tab(gateway);
    expect(await auth.ready()).toEqual({ status: 'signed-out', user: null, error: null, reason: 'initial' });
    expect(events).toEqual([]);
  });

  it.each([
    ['INVALID_REFRESH_TOKEN', 400],
    ['REFRESH_TOKEN_REUSED', 400],
    ['SESSION_EXPIRED', 401],
    ['SESSION_REVOKED', 401],
  ] as const)('signs out with %s', async (code, status) => {
    const gateway = createFakeGateway();
    gateway.next(REFRESH, gateway.problem(code, status));
    expect(await tab(gateway).auth.ready()).toMatchObject({ status: 'signed-out', reason: 'initial' });
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('asks nobody when the server said that nobody is signed in', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway, { initialSession: null });
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'initial' });
    await auth.ready();
    expect(gateway.received).toHaveLength(0);
  });

  it('starts from what the server said, and fetches the token', async () => {
    const gateway = createFakeGateway();
    const user = fakeUser();
    gateway.signIn(user);
    const { auth, events } = tab(gateway, { initialSession: { user, expiresAt: Date.now() + 5000, sessionId: 'sid-1' } });
    const initial = auth.getState();
    expect(initial).toMatchObject({ status: 'signed-in', user });
    expect(await auth.getAccessToken()).toMatch(/\.fake$/);
    expect(events.map(({ type }) => type)).toEqual(['token-refreshed']);
    expect(auth.getInitialState()).toBe(initial);
    expect(auth.getState().user).toBe(user);
  });

  it('calls a session the gateway no longer knows expired, though the server said otherwise', async () => {
    const { auth } = tab(createFakeGateway(), { initialSession: { user: fakeUser(), expiresAt: Date.now() + 5000, sessionId: 's' } });
    expect(await auth.ready()).toMatchObject({ status: 'signed-out', reason: 'expired' });
  });
});

describe('one flight', () => {
  it('whatever asks', async () => {
    const { gateway, auth } = await signedIn();
    const before = gateway.count(REFRESH);
    const tokens = await Promise.all([auth.refresh(), auth.refresh(), auth.getAccessToken({ forceRefresh: true })]);
    expect(gateway.count(REFRESH)).toBe(before + 1);
    expect(new Set(tokens).size).toBe(1);
    await auth.refresh();
    expect(gateway.count(REFRESH)).toBe(before + 2);
  });

  it('is not begun for a token that lives', async () => {
    const { gateway, auth } = await signedIn();
    await Promise.all([auth.getAccessToken(), auth.getAccessToken()]);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('refreshes a token with less than ten seconds left', async () => {
    const { gateway, auth } = await signedIn({}, { accessLifetime: 15 });
    await pass(4_000);
    await auth.getAccessToken();
    expect(gateway.count(REFRESH)).toBe(1);
    await pass(2_000);
    await auth.getAccessToken();
    expect(gateway.count(REFRESH)).toBe(2);
  });
});

describe('tries', () => {
  it.each([
    ['network', 'network' as const],
    ['500', html(500)],
    ['503', html(503)],
    ['429', html(429)],
  ])('three times: at once, after 250 ms, after 750 ms more (%s)', async (_, fault) => {
    const gateway = createFakeGateway();
    gateway.next(REFRESH, fault, fault, fault);
    const { auth } = tab(gateway);
    void auth.ready();
    await pass(0);
    expect(gateway.count(REFRESH)).toBe(1);
    await pass(249);
    expect(gateway.count(REFRESH)).toBe(1);
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(2);
    await pass(749);
    expect(gateway.count(REFRESH)).toBe(2);
    expect(auth.getState().status).toBe('loading');
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(3);
    expect(auth.getState()).toMatchObject({ status: 'error', user: null });
  });

  it('end with the first success', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    gateway.next(REFRESH, 'network', 'network');
    const { auth } = tab(gateway);
    void auth.ready();
    await pass(1_000);
    expect(auth.getState().status).toBe('signed-in');
    expect(gateway.count(REFRESH)).toBe(3);
  });

  it('wait as long as Retry-After says, ten seconds at most', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    gateway.next(REFRESH, html(503, { 'Retry-After': '2' }), html(429, { 'Retry-After': '3600' }));
    const { auth } = tab(gateway);
    void auth.ready();
    await pass(1_999);
    expect(gateway.count(REFRESH)).toBe(1);
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(2);
    await pass(9_999);
    expect(gateway.count(REFRESH)).toBe(2);
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(3);
    expect(auth.getState().status).toBe('signed-in');
  });

  it('have a time limit each', async () => {
    const gateway = createFakeGateway();
    const never = () => new Promise<Response>(() => {});
    gateway.next(REFRESH, never, never, never);
    const { auth } = tab(gateway, { requestTimeoutMs: 1_000 });
    const ready = auth.ready();
    await pass(4_000);
    expect(await ready).toMatchObject({ status: 'error', error: { code: 'TIMEOUT', action: 'retry' } });
  });
});

describe('what signs nobody out', () => {
  const PROXIES = [
    ['401 of a proxy', html(401)],
    ['400 of a proxy', html(400)],
    ['403', html(403)],
    ['404', html(404)],
    ['429', html(429)],
    ['500', html(500)],
    ['502', html(502)],
    ['200 of a captive portal', html(200)],
    ['200 without a token', () => new Response('{}', { status: 200 })],
    ['network', 'network' as const],
  ] as const;

  it.each(PROXIES)('%s while the token lives: nothing is seen', async (_, fault) => {
    const { gateway, auth, events } = await signedIn();
    const before = auth.getState();
    gateway.next(REFRESH, fault, fault, fault);
    const failure = rejection(auth.refresh());
    await pass(1_000);
    expect(await failure).toBeInstanceOf(MunjigiError);
    expect(auth.getState()).toBe(before);
    expect(events).toEqual([]);
    expect(await auth.getAccessToken()).not.toBeNull();
  });

  it.each(PROXIES)('%s when the token is over: an error that still knows who it was', async (_, fault) => {
    const { gateway, auth, user, events } = await signedIn();
    vi.setSystemTime(Date.now() + 1000_000);
    gateway.next(REFRESH, fault, fault, fault);
    const failure = rejection(auth.refresh());
    await pass(1_000);
    await failure;
    expect(auth.getState()).toMatchObject({ status: 'error', user });
    expect(events.map(({ type }) => type)).toEqual(['error']);
  });

  it('a problem of the gateway with one of the ending codes and another status', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(REFRESH, gateway.problem('SESSION_REVOKED', 403));
    await rejection(auth.refresh());
    expect(auth.getState().status).toBe('signed-in');
  });

  it('CSRF_REFUSED', async () => {
    const gateway = createFakeGateway();
    gateway.next(REFRESH, gateway.problem('CSRF_REFUSED', 403));
    expect(await tab(gateway).auth.ready()).toMatchObject({ status: 'error', error: { code: 'CSRF_REFUSED', status: 403 } });
  });
});

describe('what does', () => {
  it.each([
    ['INVALID_REFRESH_TOKEN', 400, 'expired'],
    ['SESSION_EXPIRED', 401, 'expired'],
    ['SESSION_REVOKED', 401, 'revoked'],
    ['REFRESH_TOKEN_REUSED', 400, 'reuse-detected'],
  ] as const)('%s: %s', async (code, status, reason) => {
    const { gateway, auth, events } = await signedIn();
    gateway.next(REFRESH, gateway.problem(code, status));
    expect(await auth.refresh()).toBeNull();
    expect(auth.getState()).toEqual({ status: 'signed-out', user: null, error: null, reason });
    expect(events).toMatchObject([{ type: 'signed-out', reason }]);
    expect(await auth.getAccessToken()).toBeNull();
  });

  it('a cookie that is gone', async () => {
    const { gateway, auth } = await signedIn();
    gateway.clearCookies();
    expect(await auth.refresh()).toBeNull();
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'expired' });
  });
});

describe('the epoch', () => {
  it('drops an answer that comes after the sign-out', async () => {
    const { gateway, auth } = await signedIn();
    const slow = later();
    gateway.next(REFRESH, slow.fault);
    const refreshed = auth.refresh();
    await pass(0);
    const answer = await gateway.fetch(`${gateway.baseUrl}/api/auth/refresh`, { method: 'POST', headers: { 'X-Munjigi-Cookie': '1' } });
    await auth.signOut();
    slow.answer(answer);
    expect(await refreshed).toBeNull();
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });

  it('drops a failure that comes after the sign-out, and does not try again', async () => {
    const { gateway, auth, events } = await signedIn();
    const slow = later();
    gateway.next(REFRESH, slow.fault);
    const refreshed = auth.refresh();
    await pass(0);
    await auth.signOut();
    const asked = gateway.count(REFRESH);
    slow.answer(html(503)());
    await pass(MINUTE);
    expect(await refreshed).toBeNull();
    expect(gateway.count(REFRESH)).toBe(asked);
    expect(events.map(({ type }) => type)).toEqual(['signed-out']);
  });

  it('drops the old session when a login was faster', async () => {
    const { gateway, auth } = await signedIn();
    const slow = later();
    const old = await gateway.fetch(`${gateway.baseUrl}/api/auth/refresh`, { method: 'POST', headers: { 'X-Munjigi-Cookie': '1' } });
    gateway.next(REFRESH, slow.fault);
    const refreshed = auth.refresh();
    await pass(0);
    const login = auth.signInWithKakaoToken({ accessToken: 'kakao' });
    // The login waits for the refresh: their cookies must not overtake each other.
    await pass(0);
    expect(gateway.count('POST /api/auth/kakao/token')).toBe(0);
    slow.answer(old);
    const user = await login;
    await refreshed;
    expect(auth.getState()).toMatchObject({ status: 'signed-in', user, sessionId: expect.not.stringMatching(/^sid-1$/) });
  });

  it('does not revive a session that was signed out here, whatever the cookie says', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next('POST /api/auth/logout', 'network');
    await rejection(auth.signOut());
    expect(await auth.refresh()).toBeNull();
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });
});

describe('the timer', () => {
  it('refreshes a minute before the end, give or take a tenth', async () => {
    const { gateway, auth, events } = await signedIn();
    const user = auth.getState().user;
    await pass(900_000 - 66_001);
    expect(gateway.count(REFRESH)).toBe(1);
    await pass(12_002);
    expect(gateway.count(REFRESH)).toBe(2);
    expect(events.map(({ type }) => type)).toEqual(['token-refreshed']);
    expect(auth.getState().user).toBe(user);
  });

  it('never shows as loading', async () => {
    const { auth } = await signedIn();
    const seen: AuthState['status'][] = [];
    auth.subscribe(() => seen.push(auth.getState().status));
    await pass(900_000);
    expect(seen).toEqual(['signed-in']);
  });

  it('makes no loop of a life shorter than the margin', async () => {
    const { gateway } = await signedIn({}, { accessLifetime: 20 });
    await pass(9_999);
    expect(gateway.count(REFRESH)).toBe(1);
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(2);
  });

  it('takes a life longer than setTimeout does', async () => {
    const { gateway } = await signedIn({}, { accessLifetime: 60 * 86_400 });
    await pass(MINUTE);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('tries again in half of what is left, and says so when nothing is', async () => {
    const { gateway, auth, user } = await signedIn();
    gateway.next(REFRESH, ...Array.from({ length: 100 }, () => 'network' as const));
    await pass(860_000);
    expect(auth.getState().status).toBe('signed-in');
    await pass(60_000);
    expect(auth.getState()).toMatchObject({ status: 'error', user });
    const asked = gateway.count(REFRESH);
    // 54 to 66 s: at most the halves of it, three tries each.
    expect(asked).toBeLessThan(25);
    await pass(10 * MINUTE);
    expect(gateway.count(REFRESH)).toBe(asked);
  });

  it('stops with dispose', async () => {
    const { gateway, auth } = await signedIn();
    auth.dispose();
    await pass(900_000);
    expect(gateway.count(REFRESH)).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cools down after a failure: a living token is given, a dead one refused without asking', async () => {
    const { gateway, auth } = await signedIn({}, { accessLifetime: 20 });
    gateway.next(REFRESH, html(403), html(403));
    await pass(11_000);
    expect(gateway.count(REFRESH)).toBe(2);
    // Nine seconds are left: too few to hand out, but for the cool-down.
    expect(await auth.getAccessToken()).not.toBeNull();
    expect(gateway.count(REFRESH)).toBe(2);
    vi.setSystemTime(Date.now() + 10_000);
    await rejection(auth.refresh());
    expect(auth.getState().status).toBe('error');
    const asked = gateway.count(REFRESH);
    expect(await rejection(auth.getAccessToken())).toMatchObject({ status: 403 });
    expect(gateway.count(REFRESH)).toBe(asked);
    vi.setSystemTime(Date.now() + 5_000);
    expect(await auth.getAccessToken()).not.toBeNull();
  });
});

describe('listeners', () => {
  it('see the state that is told, at once', async () => {
    const { auth } = await signedIn();
    const seen: string[] = [];
    auth.subscribe(() => seen.push(auth.getState().status));
    const done = auth.signOut();
    expect(seen).toEqual(['signed-out']);
    await done;
  });

  it('that throw block nobody, and are heard', async () => {
    const { auth } = await signedIn();
    const thrown: unknown[] = [];
    const microtask = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => {
      try {
        task();
      } catch (error) {
        thrown.push(error);
      }
    });
    const second = vi.fn();
    auth.subscribe(() => {
      throw new Error('from a listener');
    });
    auth.subscribe(second);
    await auth.signOut();
    microtask.mockRestore();
    expect(second).toHaveBeenCalledOnce();
    expect(thrown).toEqual([new Error('from a listener')]);
  });

  it('listen twice when they ask twice, and stop one by one', async () => {
    const { auth } = await signedIn();
    const listener = vi.fn();
    const off = auth.subscribe(listener);
    auth.subscribe(listener);
    off();
    off();
    await auth.signOut();
    expect(listener).toHaveBeenCalledOnce();
  });
});
