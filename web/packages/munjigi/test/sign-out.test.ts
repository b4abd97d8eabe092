// @vitest-environment jsdom
// A sign-out the gateway cannot be told of: the cookie stays, and must sign nobody in again.
import { describe, expect, it, vi } from 'vitest';
import { createFakeGateway, fakeUser, type FakeGateway } from '../src/testing/index.js';
import { html, REFRESH, rejection, signedIn, stubChannels, tab } from './helpers.js';

const LOGOUT = 'POST /api/auth/logout';

/** Somebody who signed out while the gateway was out of reach. */
async function owing(scope: 'this' | 'all' = 'this', fault: Parameters<FakeGateway['next']>[1] = 'network') {
  const one = await signedIn();
  one.gateway.next(LOGOUT, fault);
  const answer = await one.auth.signOut({ scope });
  return { ...one, answer };
}

const living = (gateway: FakeGateway) => gateway.fetch(`${gateway.baseUrl}${REFRESH.split(' ')[1]}`, { method: 'POST', headers: { 'X-Munjigi-Cookie': '1' } });

describe('a sign-out out of reach', () => {
  it.each([
    ['the network', 'network' as const],
    ['a 503', html(503)],
  ])('is done here, and resolves (%s)', async (_, fault) => {
    const { auth, answer } = await owing('this', fault);
    expect(answer).toEqual({ kakao_logout_url: null });
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });

  it('is told when the network is back', async () => {
    const { gateway, auth } = await owing();
    window.dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(gateway.count(LOGOUT)).toBe(2));
    expect(gateway.received.at(-1)?.headers.get('Authorization')).toMatch(/^Bearer /);
    await vi.waitFor(async () => expect((await living(gateway)).status).toBe(204));
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });

  it('is told once', async () => {
    const { gateway } = await owing();
    window.dispatchEvent(new Event('online'));
    await vi.waitFor(() => expect(localStorage.getItem(`munjigi:${gateway.baseUrl}`)).toBe(''));
    const asked = gateway.received.length;
    window.dispatchEvent(new Event('online'));
    await tab(gateway).auth.ready();
    expect(gateway.received.slice(asked).map(({ path }) => path)).toEqual(['/api/auth/refresh']);
  });

  it('signs nobody in after a reload, and is told then', async () => {
    const { gateway } = await owing();
    const { auth, events } = tab(gateway);
    expect(await auth.ready()).toMatchObject({ status: 'signed-out', user: null });
    expect(events).toEqual([]);
    await vi.waitFor(() => expect(gateway.count(LOGOUT)).toBe(2));
    await vi.waitFor(async () => expect((await living(gateway)).status).toBe(204));
  });

  it('stays owed while reloads cannot tell it either', async () => {
    const { gateway } = await owing();
    for (let reload = 0; reload < 2; reload++) {
      gateway.next(LOGOUT, 'network');
      expect(await tab(gateway).auth.ready()).toMatchObject({ user: null });
      await vi.waitFor(() => expect(gateway.count(LOGOUT)).toBe(2 + reload));
    }
    expect(await tab(gateway).auth.ready()).toMatchObject({ user: null });
    await vi.waitFor(async () => expect((await living(gateway)).status).toBe(204));
  });

  it('everywhere is told as everywhere', async () => {
    const { gateway, user } = await owing('all');
    const cookieOfTheFirst = tab(gateway);
    await cookieOfTheFirst.auth.ready();
    await vi.waitFor(() => expect(gateway.count(LOGOUT)).toBe(2));
    expect(gateway.received.filter(({ path }) => path.endsWith('/logout')).map(({ body }) => body)).toEqual([{ scope: 'all' }, { scope: 'all' }]);
    expect(user).toBeTruthy();
  });

  it('does not touch who signs in after it', async () => {
    const { gateway } = await owing();
    const next = fakeUser({ nickname: '다음 사람' });
    gateway.signIn(next);
    const { auth } = tab(gateway);
    expect(await auth.ready()).toMatchObject({ status: 'signed-in', user: next });
    window.dispatchEvent(new Event('online'));
    await auth.refresh();
    expect(auth.getState().status).toBe('signed-in');
    expect(gateway.count(LOGOUT)).toBe(1);
  });

  it('is no answer for another tab’s hello', async () => {
    stubChannels();
    const { gateway } = await owing();
    const one = tab(gateway, { tabs: 'share' });
    const two = tab(gateway, { tabs: 'share' });
    const states = await Promise.all([one.auth.ready(), two.auth.ready()]);
    expect(states.map(({ status }) => status)).toEqual(['signed-out', 'signed-out']);
  });
});

describe('a sign-out nobody will repeat rejects', () => {
  it('what the gateway refuses; and the cookie signs nobody in all the same', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(LOGOUT, gateway.problem('CSRF_REFUSED', 403));
    expect(await rejection(auth.signOut())).toMatchObject({ code: 'CSRF_REFUSED' });
    expect(auth.getState().status).toBe('signed-out');
    expect(await tab(gateway).auth.ready()).toMatchObject({ user: null });
  });

  it('of the other devices, out of reach', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(LOGOUT, 'network');
    expect(await rejection(auth.signOut({ scope: 'others' }))).toMatchObject({ code: 'NETWORK_ERROR' });
    expect(auth.getState().status).toBe('signed-in');
  });

  it('where nothing can be kept', async () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('no', 'QuotaExceededError');
    });
    const { gateway, auth } = await signedIn();
    gateway.next(LOGOUT, 'network');
    expect(await rejection(auth.signOut())).toMatchObject({ code: 'NETWORK_ERROR', retryable: true });
    expect(auth.getState().status).toBe('signed-out');
  });

  it('in bearer mode: the token is erased at once, which nobody can use then', async () => {
    const gateway = createFakeGateway();
    let held: string | null = null;
    const storage = { get: () => held, set: (value: string | null) => void (held = value) };
    const { auth } = tab(gateway, { mode: 'bearer', storage });
    await auth.signInWithKakaoToken({ accessToken: 'kakao' });
    gateway.next(LOGOUT, 'network');
    expect(await rejection(auth.signOut())).toMatchObject({ code: 'NETWORK_ERROR' });
    await vi.waitFor(() => expect(held).toBeNull());
    expect(localStorage.length).toBe(0);
  });
});
