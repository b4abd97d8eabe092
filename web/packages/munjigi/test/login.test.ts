// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MunjigiError, type MunjigiOptions } from '../src/index.js';
import { createFakeGateway, fakeUser } from '../src/testing/index.js';
import { channel, html, pass, REFRESH, rejection, stubChannels, tab } from './helpers.js';

const page = (address: string) => history.replaceState(null, '', address);
const here = () => location.pathname + location.search + location.hash;
const ORIGIN = location.origin;
const CALLBACK = 'POST /api/auth/kakao/callback';

beforeEach(() => page('/'));

/** A client whose navigations are kept. */
function leaving(options: Partial<MunjigiOptions> = {}, gateway = createFakeGateway()) {
  const went: string[] = [];
  return { gateway, went, ...tab(gateway, { navigate: (url) => went.push(url), ...options }) };
}

describe('flow A', () => {
  it('goes to the gateway and back here', () => {
    page('/shop?item=3#reviews');
    const { auth, went, gateway } = leaving();
    auth.signIn();
    expect(went).toEqual([`${gateway.baseUrl}/api/auth/kakao/login?return_to=${encodeURIComponent(`${ORIGIN}/shop?item=3#reviews`)}`]);
  });

  it('takes what a login may be asked for; a path means one of this page', () => {
    const { auth, gateway } = leaving();
    const url = new URL(auth.signInUrl({ returnTo: '/me', prompt: 'select_account', scope: ['account_email', 'gender'], loginHint: 'a@b.c', serviceTerms: ['t1'] }));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      return_to: `${ORIGIN}/me`,
      prompt: 'select_account',
      scope: 'account_email,gender',
      login_hint: 'a@b.c',
      service_terms: 't1',
    });
    expect(url.href.startsWith(`${gateway.baseUrl}/api/auth/kakao/login?`)).toBe(true);
  });

  it('does not carry the failure of the last login to the next', () => {
    page('/shop?item=3&error=KAKAO_LOGIN_CANCELLED&request_id=r1');
    const url = new URL(leaving().auth.signInUrl());
    expect(url.searchParams.get('return_to')).toBe(`${ORIGIN}/shop?item=3`);
  });

  it('works below a path and with a slash too many', () => {
    expect(leaving({ baseUrl: '' }).auth.signInUrl({ returnTo: '/' })).toMatch(/^\/api\/auth\/kakao\/login\?/);
    expect(leaving({ baseUrl: 'https://a.test/x//' }).auth.signInUrl()).toMatch(/^https:\/\/a\.test\/x\/api\//);
  });

  it('asks no other tab when it comes back: that one may be somebody else', async () => {
    stubChannels();
    const gateway = createFakeGateway();
    leaving({}, gateway).auth.signIn();
    gateway.signIn();
    const { heard } = channel(gateway.baseUrl);
    const { auth } = tab(gateway, { tabs: 'share' });
    await auth.ready();
    await vi.waitFor(() => expect(heard.map(({ type }) => type)).toEqual(['grant']));
    // Said once: the next page of this tab asks again.
    tab(gateway, { tabs: 'share' }).auth.subscribe(() => {});
    await vi.waitFor(() => expect(heard.some(({ type }) => type === 'hello')).toBe(true));
  });

  it('tells of a failure by its code, and takes it off the address', async () => {
    page('/shop?item=3&error=KAKAO_MISCONFIGURED&request_id=r1&required_scopes=a,b');
    const { auth, gateway } = leaving();
    const error = await rejection(auth.handleCallback());
    expect(error).toBeInstanceOf(MunjigiError);
    expect(error).toMatchObject({ code: 'KAKAO_MISCONFIGURED', action: 'fix_config', requestId: 'r1', requiredScopes: ['a', 'b'] });
    expect(here()).toBe('/shop?item=3');
    expect(gateway.received).toHaveLength(0);
  });

  it.each(['/?error=oops', '/?code=abc', '/?error=access_denied&error_description=x', '/'])('leaves %s to whom it belongs', async (address) => {
    page(address);
    expect(await leaving().auth.handleCallback()).toEqual({ user: null });
    expect(here()).toBe(address);
  });

  it('takes no words from the address', async () => {
    page(`/?error=${encodeURIComponent('<b>call 010-1234</b>')}&request_id=${'9'.repeat(500)}`);
    const error = (await rejection(leaving().auth.handleCallback())) as MunjigiError;
    expect(error.code).toBe('KAKAO_LOGIN_FAILED');
    expect(error.message).not.toContain('010');
    expect(error.requestId).toHaveLength(64);
  });

  it('has nothing to finish after a success: whoever is signed in', async () => {
    const user = fakeUser();
    const gateway = createFakeGateway();
    gateway.signIn(user);
    expect(await leaving({}, gateway).auth.handleCallback()).toEqual({ user });
  });
});

describe('flow B', () => {
  const redirectUri = `${ORIGIN}/callback`;
  const own = { redirectUri };

  async function begun(options: Partial<MunjigiOptions> = {}, asked = {}) {
    const client = leaving({ ...own, ...options });
    client.auth.signIn(asked);
    await vi.waitFor(() => expect(client.went).toHaveLength(1));
    return { ...client, back: client.gateway.consent(client.went[0]!) };
  }

  it('keeps the verifier in this tab and sends its hash', async () => {
    const { gateway } = await begun({}, { prompt: 'login', scope: ['account_email'] });
    const [asked] = gateway.received;
    expect(Object.fromEntries(asked!.query)).toMatchObject({ redirect_uri: redirectUri, code_challenge_method: 'S256', prompt: 'login', scope: 'account_email' });
    expect(asked!.query.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(sessionStorage.getItem('munjigi')).toMatch(/"verifier":"[\w-]{43}"/);
    expect(sessionStorage.getItem('munjigi')).not.toContain(asked!.query.get('code_challenge'));
  });

  it('ends with the session, where the person came from, and a clean address', async () => {
    page('/shop?item=3');
    const { auth, gateway, back, events } = await begun();
    page(back);
    const result = await auth.handleCallback();
    expect(result).toMatchObject({ isNewUser: true, returnTo: `${ORIGIN}/shop?item=3` });
    expect(auth.getState()).toMatchObject({ status: 'signed-in', user: result.user });
    expect(here()).toBe('/callback');
    expect(events.find(({ type }) => type === 'signed-in')).toMatchObject({ isNewUser: true });
    expect(gateway.received.find(({ method, path }) => `${method} ${path}` === CALLBACK)?.headers.get('X-Munjigi-Cookie')).toBe('1');
  });

  it('asks for nobody who was here before', async () => {
    stubChannels();
    const { gateway, back } = await begun();
    gateway.signIn(fakeUser());
    page(back);
    const { heard } = channel(gateway.baseUrl);
    const { auth, events } = tab(gateway, { ...own, tabs: 'share' });
    const done = auth.handleCallback();
    const [state, { user }] = await Promise.all([auth.ready(), done]);
    expect(state.user).toEqual(user);
    expect(gateway.count(REFRESH)).toBe(0);
    expect(events.filter(({ type }) => type === 'signed-in')).toHaveLength(1);
    await vi.waitFor(() => expect(heard.map(({ type }) => type)).toEqual(['grant']));
  });

  it('cleans the address before anything is awaited', async () => {
    const { auth, back } = await begun();
    page(back);
    const done = auth.handleCallback();
    expect(here()).toBe('/callback');
    await done;
  });

  it('posts a code once, however often it is asked', async () => {
    const { auth, gateway, back } = await begun();
    page(back);
    const first = auth.handleCallback(back);
    const results = await Promise.all([first, auth.handleCallback(back), auth.handleCallback()]);
    expect(new Set(results).size).toBe(1);
    expect(await auth.handleCallback(back)).toBe(results[0]);
    expect(gateway.count(CALLBACK)).toBe(1);
  });

  it('knows who is there when the page is loaded again after cleaning', async () => {
    const { auth, gateway, back } = await begun();
    page(back);
    const { user } = await auth.handleCallback();
    expect(await tab(gateway, own).auth.handleCallback()).toEqual({ user });
  });

  it('may be loaded again before the answer: the same code, the same session', async () => {
    const { auth, gateway, back } = await begun();
    await auth.handleCallback(back);
    const again = await tab(gateway, own).auth.handleCallback(back);
    expect(again.user).toEqual(auth.getState().user);
    expect(gateway.count(CALLBACK)).toBe(2);
  });

  it('posts again when the answer is lost', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const { auth, gateway, back } = await begun();
    gateway.next(CALLBACK, 'network', html(503));
    const done = auth.handleCallback(back);
    await pass(1_000);
    expect((await done).user).not.toBeNull();
    expect(gateway.count(CALLBACK)).toBe(3);
  });

  it('sends nothing for a login of another browser', async () => {
    const { gateway, back } = await begun();
    sessionStorage.clear();
    const { auth } = tab(gateway, own);
    expect(await rejection(auth.handleCallback(back))).toMatchObject({ code: 'LOGIN_STATE_INVALID', action: 'login' });
    expect(gateway.count(CALLBACK)).toBe(0);
  });

  it('sends nothing for a login of more than ten minutes ago, and sweeps it away with the next', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { auth, gateway, back } = await begun();
    vi.setSystemTime(Date.now() + 600_001);
    expect(await rejection(auth.handleCallback(back))).toMatchObject({ code: 'LOGIN_STATE_INVALID' });
    expect(gateway.count(CALLBACK)).toBe(0);
    const before = Object.keys(JSON.parse(sessionStorage.getItem('munjigi')!));
    auth.signIn();
    await vi.waitFor(() => expect(Object.keys(JSON.parse(sessionStorage.getItem('munjigi')!))).not.toEqual(before));
    expect(Object.keys(JSON.parse(sessionStorage.getItem('munjigi')!))).toHaveLength(1);
  });

  it('keeps several logins apart', async () => {
    const { auth, gateway, went, back } = await begun();
    auth.signIn();
    await vi.waitFor(() => expect(went).toHaveLength(2));
    const second = gateway.consent(went[1]!);
    expect((await auth.handleCallback(second)).user).not.toBeNull();
    expect((await auth.handleCallback(back)).user).not.toBeNull();
  });

  it('gives no address of another origin back', async () => {
    const { auth, back } = await begun({}, { returnTo: 'https://evil.test/' });
    expect(await auth.handleCallback(back)).not.toHaveProperty('returnTo');
  });

  it.each([
    ['access_denied', '', 'KAKAO_LOGIN_CANCELLED'],
    ['access_denied', 'Not allowed under age 14', 'KAKAO_UNDER_AGE'],
    ['login_required', '', 'KAKAO_INTERACTION_REQUIRED'],
    ['consent_required', '', 'KAKAO_INTERACTION_REQUIRED'],
    ['interaction_required', '', 'KAKAO_INTERACTION_REQUIRED'],
    ['server_error', 'whatever', 'KAKAO_LOGIN_FAILED'],
    ['constructor', '', 'KAKAO_LOGIN_FAILED'],
  ])('says of Kakao’s %s %s: %s', async (error, description, code) => {
    page(`/callback?${new URLSearchParams({ error, error_description: description, state: 's' })}`);
    expect(await rejection(leaving(own).auth.handleCallback())).toMatchObject({ code, action: 'login' });
    expect(here()).toBe('/callback');
  });

  it('passes the gateway’s refusal on, and stays signed out', async () => {
    const { auth, gateway, back } = await begun();
    gateway.next(CALLBACK, gateway.problem('KAKAO_CODE_USED'));
    expect(await rejection(auth.handleCallback(back))).toMatchObject({ code: 'KAKAO_CODE_USED', status: 400, requestId: expect.any(String) });
    expect(await auth.ready()).toMatchObject({ status: 'signed-out' });
    expect(gateway.count(CALLBACK)).toBe(1);
  });

  it('says so when a login cannot begin', async () => {
    const { auth, gateway, events, went } = leaving(own);
    gateway.next('GET /api/auth/kakao/login-url', gateway.problem('INVALID_REDIRECT_URI'));
    auth.signIn();
    await vi.waitFor(() => expect(events).toMatchObject([{ type: 'error', error: { code: 'INVALID_REDIRECT_URI' } }]));
    expect(went).toEqual([]);
  });

  it('says so when nothing can be kept', async () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    const { auth, events, went } = leaving(own);
    auth.signIn();
    await vi.waitFor(() => expect(events).toMatchObject([{ type: 'error', error: { code: 'STORAGE_FAILED' } }]));
    expect(went).toEqual([]);
  });

  it('says so on a page whose browser has no hashes: http, and not localhost', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const { auth, events, gateway } = leaving(own);
    auth.signIn();
    await vi.waitFor(() => expect(events).toMatchObject([{ type: 'error', error: { action: 'fix_config', hint: expect.stringMatching(/https/) } }]));
    expect(gateway.received).toEqual([]);
  });

  it('has no address for a link', () => {
    expect(() => leaving(own).auth.signInUrl()).toThrow('redirectUri');
  });
});

describe('inside KakaoTalk', () => {
  const talk = () => vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue('Mozilla/5.0 KAKAOTALK 10.8.3');

  it('tries without asking, once a tab', async () => {
    talk();
    const { auth, went } = leaving();
    await auth.signInSilently();
    expect(went).toHaveLength(1);
    expect(new URL(went[0]!).searchParams.get('prompt')).toBe('none');
    await auth.signInSilently();
    expect(went).toHaveLength(1);
  });

  it('shows no failure for it', async () => {
    talk();
    page('/?error=KAKAO_INTERACTION_REQUIRED&request_id=r1');
    const { auth, went } = leaving();
    expect(await auth.signInSilently()).toMatchObject({ status: 'signed-out' });
    expect(went).toEqual([]);
    expect(here()).toBe('/');
  });

  it('does nothing elsewhere, or for somebody who is signed in', async () => {
    const { auth, went } = leaving();
    await auth.signInSilently();
    talk();
    const gateway = createFakeGateway();
    gateway.signIn();
    const inside = leaving({}, gateway);
    expect(await inside.auth.signInSilently()).toMatchObject({ status: 'signed-in' });
    expect([...went, ...inside.went]).toEqual([]);
  });
});

describe('the page', () => {
  const hidden = (isHidden: boolean) => vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(isHidden ? 'hidden' : 'visible');

  async function signedIn() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const gateway = createFakeGateway();
    gateway.signIn();
    const client = tab(gateway);
    await client.auth.ready();
    return { gateway, ...client };
  }

  it('refreshes nothing while it is hidden, and when it is seen what is due', async () => {
    const { gateway } = await signedIn();
    hidden(true);
    await pass(880_000);
    expect(gateway.count(REFRESH)).toBe(1);
    hidden(false);
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    await pass(0);
    expect(gateway.count(REFRESH)).toBe(2);
  });

  it('refreshes nothing that is not due when it is seen', async () => {
    const { gateway } = await signedIn();
    await pass(60_000);
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    window.dispatchEvent(new Event('focus'));
    await pass(0);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('asks again when the network is back, after an error', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const gateway = createFakeGateway();
    gateway.signIn();
    gateway.next(REFRESH, 'network', 'network', 'network');
    const { auth } = tab(gateway);
    void auth.ready();
    await pass(1_000);
    expect(auth.getState().status).toBe('error');
    window.dispatchEvent(new Event('online'));
    await pass(0);
    expect(auth.getState().status).toBe('signed-in');
  });

  it('asks again when it comes back from the back-forward cache, and listens to the other tabs again', async () => {
    stubChannels();
    const gateway = createFakeGateway();
    const { auth } = tab(gateway, { tabs: 'share' });
    await auth.ready();
    window.dispatchEvent(new Event('pagehide'));
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    const { heard, post } = channel(gateway.baseUrl);
    // A message to a page in the cache would throw it out.
    post({ v: 1, type: 'grant', sid: 'other', iat: 1, exp: Date.now() + 900_000, access_token: 'other.token', user: fakeUser() });
    await new Promise((resolve) => setTimeout(resolve));
    expect(auth.getState().status).toBe('signed-out');
    gateway.signIn();
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await vi.waitFor(() => expect(auth.getState().status).toBe('signed-in'));
    await vi.waitFor(() => expect(heard.map(({ type }) => type)).toEqual(['grant']));
  });

  it('is left alone after dispose', async () => {
    const { gateway, auth } = await signedIn();
    auth.dispose();
    await pass(880_000);
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await pass(0);
    expect(gateway.count(REFRESH)).toBe(1);
  });
});
