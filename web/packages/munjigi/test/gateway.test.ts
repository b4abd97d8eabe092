// @vitest-environment jsdom
// @vitest-environment-options {"url": "http://localhost:3000/"}
//
// The package against the gateway itself, and its mock of Kakao: `munjigi demo`, in a process of its own. `make web` names the
// binary; without MUNJIGI_BIN there is nothing to test against, but a name that leads nowhere is a failure.
import { get } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDemo, type Demo } from '../../../e2e/support/demo.js';
import { createMunjigi, MunjigiError, type Munjigi, type MunjigiOptions } from '../src/index.js';
import { createVerifier } from '../src/server/index.js';
import { rejection } from './helpers.js';

const binary = process.env['MUNJIGI_BIN'];
const FRONT_END = 'http://localhost:3000';
const redirectUri = `${FRONT_END}/callback`;

/** A browser's cookies, as far as one host needs them, and the Origin it would send. */
function browser() {
  const jar = new Map<string, string>();
  const asked: string[] = [];
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const withCookies = (init?.credentials ?? request.credentials) === 'include';
    request.headers.set('Origin', FRONT_END);
    if (withCookies && jar.size) request.headers.set('Cookie', [...jar].map((pair) => pair.join('=')).join('; '));
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    const response = await fetch(request, { redirect: 'manual' });
    for (const cookie of withCookies ? response.headers.getSetCookie() : []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      if (/Max-Age=0/i.test(cookie)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    return response;
  };
  return { jar, asked, fetch: send };
}

describe.runIf(binary)('the gateway itself', () => {
  let demo: Demo | undefined;
  let baseUrl: string;

  beforeAll(async () => {
    demo = await startDemo({ KAKAO_EXTRA_REDIRECT_URIS: redirectUri });
    baseUrl = demo.url;
  }, 30_000);

  afterAll(() => demo?.stop());

  beforeEach(() => history.replaceState(null, '', '/'));

  const clients: Munjigi[] = [];
  afterAll(() => clients.forEach((client) => client.dispose()));

  function client(window: ReturnType<typeof browser>, options: Partial<MunjigiOptions> = {}) {
    const went: string[] = [];
    const auth = createMunjigi({ baseUrl, redirectUri, tabs: 'off', fetch: window.fetch, navigate: (url) => went.push(url), ...options });
    clients.push(auth);
    return { auth, went };
  }

  /** From the button to Kakao and back to this page's address. */
  async function toKakao({ auth, went }: ReturnType<typeof client>, person: string, asked = {}) {
    auth.signIn(asked);
    await vi.waitFor(() => expect(went).toHaveLength(1));
    const back = await fetch(`${went.pop()!}&${person}`, { redirect: 'manual' });
    return back.headers.get('Location')!;
  }

  async function signedIn(person = 'mock_user=full', options: Partial<MunjigiOptions> = {}) {
    const window = browser();
    const one = client(window, options);
    const result = await one.auth.handleCallback(await toKakao(one, person));
    return { window, ...one, result };
  }

  it('signs in by flow B, once for one code', async () => {
    const window = browser();
    const one = client(window);
    const back = await toKakao(one, 'mock_user=full', { returnTo: '/shop' });
    history.replaceState(null, '', back);
    const [first, second] = await Promise.all([one.auth.handleCallback(), one.auth.handleCallback(back)]);
    expect(first).toBe(second);
    expect(location.href).toBe(redirectUri);
    expect(first).toMatchObject({ isNewUser: true, returnTo: `${FRONT_END}/shop`, user: { social_provider: 'kakao' } });
    expect([...window.jar.keys()]).toEqual(['munjigi_rt']);
    // The same page loaded again, before the answer was seen: the same session.
    const again = client(window);
    expect((await again.auth.handleCallback(back)).user?.id).toBe(first.user?.id);
    expect(again.auth.getState()).toMatchObject({ sessionId: (one.auth.getState() as { sessionId: string }).sessionId });
  });

  it('comes back with the cookie alone, and refreshes', async () => {
    const { window, result } = await signedIn();
    const { auth } = client(window);
    expect(await auth.ready()).toMatchObject({ status: 'signed-in', user: { id: result.user!.id } });
    const before = await auth.getAccessToken();
    expect(await auth.refresh()).not.toBe(before);
    const answer = await auth.fetch(`${baseUrl}/api/protected`);
    expect(await answer.json()).toMatchObject({ user_id: result.user!.id });
  });

  it('is nobody without one, silently', async () => {
    const window = browser();
    expect(await client(window).auth.ready()).toMatchObject({ status: 'signed-out', reason: 'initial' });
    expect(window.asked).toEqual(['POST /api/auth/refresh']);
  });

  it('signs out for good', async () => {
    const { window, auth } = await signedIn();
    const token = await auth.getAccessToken();
    expect(await auth.signOut()).toMatchObject({ kakao_logout_url: expect.stringContaining('/oauth/logout') });
    expect(window.jar.size).toBe(0);
    const answer = await fetch(`${baseUrl}/api/protected`, { headers: { Authorization: `Bearer ${token}` } });
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: 'SESSION_REVOKED' }]);
    expect(await client(window).auth.ready()).toMatchObject({ status: 'signed-out' });
  });

  it('learns that another device ended the session, and why', async () => {
    const { auth } = await signedIn('mock_user=777001');
    const other = await signedIn('mock_user=777001');
    const devices = await other.auth.listSessions();
    expect(devices.map(({ current }) => current).sort()).toEqual([false, true]);
    await other.auth.revokeSession(devices.find(({ current }) => !current)!.id);
    expect(await auth.refresh()).toBeNull();
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'revoked' });
    expect(await other.auth.listSessions()).toHaveLength(1);
  });

  it('ends the others and stays', async () => {
    const first = await signedIn('mock_user=777002');
    const { auth } = await signedIn('mock_user=777002');
    await auth.signOut({ scope: 'others' });
    expect(await first.auth.refresh()).toBeNull();
    expect(await auth.refresh()).not.toBeNull();
  });

  it('changes the profile and leaves', async () => {
    const { auth, window } = await signedIn('mock_user=777003');
    expect(await auth.updateProfile({ nickname: '문지기' })).toMatchObject({ nickname: '문지기' });
    expect(auth.getState().user?.nickname).toBe('문지기');
    expect(await rejection(auth.updateProfile({ nickname: '' }))).toMatchObject({ code: 'INVALID_NICKNAME', status: 400 });
    await auth.deleteAccount();
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
    expect(await client(window).auth.ready()).toMatchObject({ status: 'signed-out' });
  });

  it('keeps the refresh token out of the cookie in bearer mode', async () => {
    let held: string | null = null;
    const storage = { get: () => held, set: (value: string | null) => void (held = value) };
    const { auth, window } = await signedIn('mock_user=full', { mode: 'bearer', storage });
    expect(window.jar.size).toBe(0);
    const first: string | null = held;
    expect(first).toMatch(/^eyJ/);
    await auth.refresh();
    await vi.waitFor(() => expect(held).not.toBe(first));
    const again = client(browser(), { mode: 'bearer', storage });
    expect(await again.auth.ready()).toMatchObject({ status: 'signed-in' });
    await again.auth.signOut();
    await vi.waitFor(() => expect(held).toBeNull());
  });

  it('gets the same successor for a refresh token that was just replaced', async () => {
    const held: (string | null)[] = [];
    const storage = { get: () => held.at(-1) ?? null, set: (value: string | null) => void held.push(value) };
    const { auth } = await signedIn('mock_user=full', { mode: 'bearer', storage });
    await auth.refresh();
    await vi.waitFor(() => expect(held).toHaveLength(2));
    // Tabs, retries and lost answers cost nothing.
    const late = client(browser(), { mode: 'bearer', storage: { get: () => held[0]!, set: storage.set } });
    expect(await late.auth.ready()).toMatchObject({ status: 'signed-in' });
    await vi.waitFor(() => expect(held).toHaveLength(3));
    expect(held[2]).toBe(held[1]);
  });

  it('tells what Kakao and the gateway refused', async () => {
    const one = client(browser());
    const error = await rejection(one.auth.handleCallback(await toKakao(one, 'mock_deny=1')));
    expect(error).toMatchObject({ code: 'KAKAO_LOGIN_CANCELLED' });
    const back = new URL(await toKakao(one, 'mock_user=full'));
    back.searchParams.set('code', 'made-up');
    const refused = await rejection(one.auth.handleCallback(back.href));
    expect(refused).toBeInstanceOf(MunjigiError);
    expect(refused).toMatchObject({ code: 'KAKAO_CODE_USED', status: 400, kakaoCode: 'KOE320', action: 'login', requestId: expect.any(String) });
  });

  it('speaks English when asked to', async () => {
    const { auth } = client(browser(), { locale: 'en' });
    expect(await rejection(auth.listSessions())).toMatchObject({ message: 'A login is needed.' });
  });

  it('gives native apps their nonce', async () => {
    expect(await client(browser()).auth.nativeNonce()).toMatch(/.{20}/);
    const error = await rejection(client(browser()).auth.signInWithKakaoToken({ accessToken: 'x' }));
    expect(error).toBeInstanceOf(MunjigiError);
  });

  it('is taken by navigation in flow A, with this page to come back to', async () => {
    const flowA = createMunjigi({ baseUrl, fetch: browser().fetch });
    clients.push(flowA);
    history.replaceState(null, '', '/shop?item=3');
    // `fetch` says that it is no navigation, and the gateway minds.
    const navigate = (url: string, cookies: string[] = []) =>
      new Promise<{ location: string; cookies: string[] }>((resolve, reject) => {
        const headers = { Cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; ') };
        get(url, { headers }, (answer) => {
          answer.resume();
          resolve({ location: answer.headers.location ?? '', cookies: answer.headers['set-cookie'] ?? [] });
        }).on('error', reject);
      });
    const login = await navigate(flowA.signInUrl({ prompt: 'login' }));
    expect(new URL(login.location).searchParams.get('prompt')).toBe('login');
    const cancelled = await navigate((await navigate(`${login.location}&mock_deny=1`)).location, login.cookies);
    history.replaceState(null, '', cancelled.location);
    expect(await rejection(flowA.handleCallback())).toMatchObject({ code: 'KAKAO_LOGIN_CANCELLED', requestId: expect.any(String) });
    expect(location.href).toBe(`${FRONT_END}/shop?item=3`);
  });

  it('signs tokens the verifier takes, and refresh tokens it does not', async () => {
    let held: string | null = null;
    const storage = { get: () => held, set: (value: string | null) => void (held = value) };
    const { auth, result } = await signedIn('mock_user=full', { mode: 'bearer', storage });
    const verify = createVerifier({ issuer: baseUrl });
    const state = auth.getState() as { sessionId: string };
    expect(await verify.token((await auth.getAccessToken())!)).toMatchObject({ user_id: result.user!.id, sid: state.sessionId });
    expect(await rejection(verify.token(held!))).toMatchObject({ code: 'INVALID_TOKEN' });
  });
});
