import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeGateway, fakeUser } from '../src/testing/index.js';
import { channel, html, later, pass, REFRESH, stubChannels, stubLocks, tab } from './helpers.js';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-21T04:00:00Z') });
  stubChannels();
});

const share = { tabs: 'share' } as const;

/** A tab that has found out who is signed in. */
async function opened(gateway: ReturnType<typeof createFakeGateway>, options = {}) {
  const one = tab(gateway, { ...share, ...options });
  void one.auth.ready();
  await pass(60);
  return one;
}

const token = ({ auth }: ReturnType<typeof tab>) => auth.getAccessToken();

describe('a new tab', () => {
  it('gets the token of one that is open: eight in turn, one refresh', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const tabs = [];
    for (let n = 0; n < 8; n++) tabs.push(await opened(gateway));
    expect(gateway.count(REFRESH)).toBe(1);
    expect(new Set(await Promise.all(tabs.map(token))).size).toBe(1);
  });

  it('waits 60 ms for it and no longer', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway, share);
    void auth.ready();
    await pass(59);
    expect(gateway.count(REFRESH)).toBe(0);
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('does not wait when it shares nothing', async () => {
    const gateway = createFakeGateway();
    void tab(gateway, { tabs: 'off' }).auth.ready();
    await pass(0);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('shares by default in cookie mode', async () => {
    const gateway = createFakeGateway();
    const { tabs: _, ...defaults } = share;
    const { heard } = channel(gateway.baseUrl);
    const { createMunjigi } = await import('../src/index.js');
    const auth = createMunjigi({ baseUrl: gateway.baseUrl, fetch: gateway.fetch, ...defaults });
    void auth.ready();
    await pass(60);
    auth.dispose();
    expect(heard).toEqual([{ v: 1, type: 'hello' }]);
  });

  it('is not answered by a token with less than ten seconds left', async () => {
    const gateway = createFakeGateway({ accessLifetime: 20 });
    gateway.signIn();
    await opened(gateway);
    gateway.next(REFRESH, html(403));
    await pass(11_000);
    const before = gateway.count(REFRESH);
    await opened(gateway);
    expect(gateway.count(REFRESH)).toBe(before + 1);
  });

  it('is signed in by a grant that comes after it gave up', async () => {
    const gateway = createFakeGateway();
    const late = tab(gateway, share);
    void late.auth.ready();
    await pass(60);
    expect(late.auth.getState().status).toBe('signed-out');
    gateway.signIn();
    const other = tab(gateway, share);
    await Promise.all([other.auth.refresh(), pass(60)]);
    expect(late.auth.getState()).toMatchObject({ status: 'signed-in', sessionId: 'sid-1' });
    expect(late.events.map(({ type }) => type)).toEqual(['signed-in']);
  });
});

describe('tabs that are open', () => {
  it('share a refresh, and say nothing of the refresh token', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const [first, second] = [await opened(gateway), await opened(gateway)];
    const { heard } = channel(gateway.baseUrl);
    await first.auth.refresh();
    await pass(0);
    expect(await token(second)).toBe(await token(first));
    expect(second.events.at(-1)).toMatchObject({ type: 'token-refreshed' });
    expect(heard.map(({ type }) => type)).toEqual(['grant']);
    expect(Object.keys(heard[0] ?? {}).sort()).toEqual(['access_token', 'exp', 'iat', 'sid', 'type', 'user', 'v']);
    expect(JSON.stringify(heard)).not.toContain('refresh.');
  });

  it('queue for the lock together and find the token of the first', async () => {
    stubLocks();
    const gateway = createFakeGateway();
    gateway.signIn();
    const tabs = Array.from({ length: 8 }, () => tab(gateway, share));
    const tokens = Promise.all(tabs.map(({ auth }) => auth.refresh()));
    await pass(60);
    expect(new Set(await tokens).size).toBe(1);
    expect(gateway.count(REFRESH)).toBe(1);
    expect(tabs.map(({ auth }) => auth.getState().status)).toEqual(Array(8).fill('signed-in'));
  });

  it('sign out together', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const [first, second, third] = [await opened(gateway), await opened(gateway), await opened(gateway)];
    await first.auth.signOut();
    expect(first.auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
    for (const { auth, events } of [second, third]) {
      expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'other-tab' });
      expect(events.at(-1)).toMatchObject({ type: 'signed-out', reason: 'other-tab' });
    }
    expect(gateway.count('POST /api/auth/logout')).toBe(1);
  });

  it('learn from each other why a session ended', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const [first, second] = [await opened(gateway), await opened(gateway)];
    gateway.revoke();
    await first.auth.refresh();
    await pass(0);
    expect(second.auth.getState()).toMatchObject({ status: 'signed-out', reason: 'revoked' });
  });

  it('learn of a new name', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const [first, second] = [await opened(gateway), await opened(gateway)];
    await first.auth.updateProfile({ nickname: '문지기' });
    await pass(0);
    expect(second.auth.getState().user?.nickname).toBe('문지기');
    expect(second.events.at(-1)).toMatchObject({ type: 'user-updated' });
  });

  it('follow somebody else who signs in', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const first = await opened(gateway);
    await pass(2_000);
    const other = fakeUser();
    gateway.signIn(other);
    const second = tab(gateway, share);
    await Promise.all([second.auth.refresh(), pass(60)]);
    expect(first.auth.getState()).toMatchObject({ status: 'signed-in', user: other, sessionId: 'sid-3' });
    expect(first.events.at(-1)).toMatchObject({ type: 'signed-in', user: other });
  });
});

describe('messages', () => {
  const grant = (changes: object = {}) => ({
    v: 1,
    type: 'grant',
    sid: 'other',
    iat: Date.now() / 1000 + 100,
    exp: Date.now() + 900_000,
    access_token: 'other.token',
    user: fakeUser(),
    ...changes,
  });

  it('of another version are ignored', async () => {
    const gateway = createFakeGateway();
    const { auth } = await opened(gateway);
    channel(gateway.baseUrl).post(grant({ v: 2 }));
    await pass(0);
    expect(auth.getState().status).toBe('signed-out');
    channel(gateway.baseUrl).post(grant());
    await pass(0);
    expect(auth.getState().status).toBe('signed-in');
  });

  it('that are over are ignored', async () => {
    const gateway = createFakeGateway();
    const { auth, events } = await opened(gateway);
    channel(gateway.baseUrl).post(grant({ exp: Date.now() - 1 }));
    await pass(0);
    expect(auth.getState().status).toBe('signed-out');
    expect(events).toEqual([]);
  });

  it('with an older session are ignored', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const { auth } = await opened(gateway);
    channel(gateway.baseUrl).post(grant({ iat: 1 }));
    await pass(0);
    expect(auth.getState()).toMatchObject({ sessionId: 'sid-1' });
  });

  it('with an older token of this session are ignored', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const { auth } = await opened(gateway);
    const mine = await auth.getAccessToken();
    channel(gateway.baseUrl).post(grant({ sid: 'sid-1', exp: Date.now() + 1_000 }));
    await pass(0);
    expect(await auth.getAccessToken()).toBe(mine);
  });

  it('cannot revive a session that was signed out, however late they come', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const [first, second] = [await opened(gateway), await opened(gateway)];
    await first.auth.signOut();
    await pass(0);
    channel(gateway.baseUrl).post(grant({ sid: 'sid-1' }));
    await pass(0);
    expect(first.auth.getState().status).toBe('signed-out');
    expect(second.auth.getState().status).toBe('signed-out');
  });

  it('cannot revive the session of the person before', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const { auth } = await opened(gateway);
    channel(gateway.baseUrl).post(grant({ sid: 'second' }));
    await pass(0);
    expect(auth.getState()).toMatchObject({ sessionId: 'second' });
    channel(gateway.baseUrl).post(grant({ sid: 'sid-1', iat: Date.now() / 1000 + 1000 }));
    await pass(0);
    expect(auth.getState()).toMatchObject({ sessionId: 'second' });
  });

  it('of the end of another session change nothing but its chances', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const { auth } = await opened(gateway);
    channel(gateway.baseUrl).post({ v: 1, type: 'out', sid: 'other', reason: 'user' });
    channel(gateway.baseUrl).post(grant());
    await pass(0);
    expect(auth.getState()).toMatchObject({ sessionId: 'sid-1' });
  });

  it('that arrive during a refresh win over its answer', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const { auth } = await opened(gateway);
    const slow = later();
    gateway.next(REFRESH, slow.fault);
    const refreshed = auth.refresh();
    await pass(0);
    channel(gateway.baseUrl).post(grant());
    await pass(0);
    slow.answer(await gateway.fetch(`${gateway.baseUrl}/api/auth/refresh`, { method: 'POST', headers: { 'X-Munjigi-Cookie': '1' } }));
    expect(await refreshed).toBe('other.token');
    expect(auth.getState()).toMatchObject({ sessionId: 'other' });
  });
});

describe('the lock', () => {
  it('that is never given back costs its limit once', async () => {
    const locks = stubLocks();
    const gateway = createFakeGateway();
    gateway.signIn();
    locks.held.add(`munjigi:${gateway.baseUrl}`);
    const { auth } = tab(gateway, { lockTimeoutMs: 1_500 });
    void auth.ready();
    await pass(1_499);
    expect(gateway.count(REFRESH)).toBe(0);
    await pass(1);
    expect(auth.getState().status).toBe('signed-in');
    await auth.refresh();
    expect(gateway.count(REFRESH)).toBe(2);
    expect(locks.asked()).toBe(1);
  });

  it('takes three seconds by default', async () => {
    const locks = stubLocks();
    const gateway = createFakeGateway();
    locks.held.add(`munjigi:${gateway.baseUrl}`);
    void tab(gateway).auth.ready();
    await pass(2_999);
    expect(gateway.count(REFRESH)).toBe(0);
    await pass(1);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('does not run the work twice when the work fails', async () => {
    stubLocks();
    const gateway = createFakeGateway();
    gateway.next(REFRESH, html(403));
    const { auth } = tab(gateway);
    expect(await auth.ready()).toMatchObject({ status: 'error' });
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('is done without where it is forbidden', async () => {
    const request = vi.fn().mockRejectedValue(new DOMException('no', 'SecurityError'));
    vi.stubGlobal('navigator', { locks: { request } });
    const gateway = createFakeGateway();
    gateway.signIn();
    const { auth } = tab(gateway);
    await auth.ready();
    await auth.refresh();
    expect(auth.getState().status).toBe('signed-in');
    expect(request).toHaveBeenCalledOnce();
  });
});
