import { describe, expect, it, vi } from 'vitest';
import { MunjigiError, type TokenStorage } from '../src/index.js';
import { keychain, secureStore } from '../src/native.js';
import { createFakeGateway } from '../src/testing/index.js';
import { html, REFRESH, rejection, tab } from './helpers.js';

const bearer = { mode: 'bearer' } as const;

const kept = (value: string | null = null) => {
  const storage = {
    value,
    get: vi.fn(() => storage.value),
    set: vi.fn((next: string | null) => void (storage.value = next)),
  };
  return storage;
};

async function signedIn(storage: TokenStorage) {
  const gateway = createFakeGateway();
  const { auth, events } = tab(gateway, { ...bearer, storage });
  await auth.signInWithKakaoToken({ accessToken: 'kakao' });
  return { gateway, auth, events };
}

describe('bearer mode', () => {
  it('asks for no cookie and sends none', async () => {
    const { gateway, auth } = await signedIn(kept());
    await auth.refresh();
    for (const { headers } of gateway.received) expect(headers.has('X-Munjigi-Cookie')).toBe(false);
  });

  it('says that it has no login by redirect of the gateway', () => {
    const { auth } = tab(createFakeGateway(), bearer);
    expect(() => auth.signInUrl()).toThrow('cookie mode');
  });

  it('is signed out without a request when nothing is stored', async () => {
    const gateway = createFakeGateway();
    expect(await tab(gateway, bearer).auth.ready()).toMatchObject({ status: 'signed-out', reason: 'initial' });
    expect(gateway.received).toHaveLength(0);
  });

  it('forgets with the client when it has no storage', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway, bearer);
    await auth.signInWithKakaoToken({ accessToken: 'kakao' });
    expect(await auth.refresh()).not.toBeNull();
    expect(await tab(gateway, bearer).auth.ready()).toMatchObject({ status: 'signed-out' });
  });

  it('stores every successor, and comes back with the last', async () => {
    const storage = kept();
    const { gateway, auth } = await signedIn(storage);
    await auth.refresh();
    await auth.refresh();
    expect(storage.set.mock.calls.map(([value]) => value)).toEqual(['refresh.sid-1.1', 'refresh.sid-1.2', 'refresh.sid-1.3']);
    const again = tab(gateway, { ...bearer, storage });
    expect(await again.auth.ready()).toMatchObject({ status: 'signed-in', sessionId: 'sid-1' });
    expect(gateway.received.at(-1)?.body).toEqual({ refresh_token: 'refresh.sid-1.3' });
  });

  it('forgets on sign-out, and tells the gateway which session it was', async () => {
    const storage = kept();
    const { gateway, auth } = await signedIn(storage);
    await auth.signOut();
    expect(storage.value).toBeNull();
    expect(gateway.received.at(-1)?.body).toEqual({ scope: 'this', refresh_token: 'refresh.sid-1.1' });
  });

  it('forgets what the gateway no longer takes, and keeps what it did not refuse', async () => {
    const storage = kept();
    const { gateway, auth } = await signedIn(storage);
    gateway.next(REFRESH, html(401));
    await rejection(auth.refresh());
    expect(storage.value).toBe('refresh.sid-1.1');
    gateway.revoke();
    await auth.refresh();
    await auth.ready();
    expect(storage.value).toBeNull();
  });

  it('does not store an answer that came after the sign-out', async () => {
    const storage = kept();
    const { gateway, auth } = await signedIn(storage);
    let answer!: (response: Response) => void;
    gateway.next(REFRESH, () => new Promise<Response>((resolve) => (answer = resolve)));
    const refreshed = auth.refresh();
    await vi.waitFor(() => expect(gateway.count(REFRESH)).toBe(1));
    await auth.signOut();
    answer(new Response(JSON.stringify({ access_token: 'a.e30.b', expires_in: 1, refresh_token: 'ghost', user: {} })));
    await refreshed;
    expect(storage.value).toBeNull();
  });

  it('goes on when a write fails, and says so', async () => {
    const storage = { ...kept(), set: () => Promise.reject(new Error('full')) };
    const { auth, events } = await signedIn(storage);
    await vi.waitFor(() => expect(events.some(({ type }) => type === 'error')).toBe(true));
    expect(events.find(({ type }) => type === 'error')).toMatchObject({ error: { code: 'STORAGE_FAILED' } });
    expect(auth.getState().status).toBe('signed-in');
  });

  it('is an error, not a sign-out, when nothing can be read', async () => {
    const gateway = createFakeGateway();
    const storage = { get: () => Promise.reject(new Error('locked')), set: () => {} };
    const { auth } = tab(gateway, { ...bearer, storage });
    const state = await auth.ready();
    expect(state).toMatchObject({ status: 'error', error: { code: 'STORAGE_FAILED' } });
    expect(state.error).toBeInstanceOf(MunjigiError);
  });

  it('writes in the order of what happened', async () => {
    const written: (string | null)[] = [];
    let free!: () => void;
    const slow = new Promise<void>((resolve) => (free = resolve));
    const storage = {
      get: () => written.at(-1) ?? null,
      async set(value: string | null) {
        if (!written.length && value) await slow;
        written.push(value);
      },
    };
    const { auth } = await signedIn(storage);
    const out = auth.signOut();
    free();
    await out;
    await vi.waitFor(() => expect(written).toEqual(['refresh.sid-1.1', null]));
  });
});

describe('native', () => {
  it('signs in with an ID token and the nonce it was made for', async () => {
    const gateway = createFakeGateway();
    const { auth, events } = tab(gateway, bearer);
    const nonce = await auth.nativeNonce();
    const user = await auth.signInWithKakaoToken({ idToken: 'kakao.id.token', nonce });
    expect(gateway.received.find(({ path }) => path.endsWith('/token'))?.body).toEqual({ id_token: 'kakao.id.token', nonce });
    expect(auth.getState()).toMatchObject({ status: 'signed-in', user });
    expect(events.find(({ type }) => type === 'signed-in')).toMatchObject({ isNewUser: true });
  });

  it('passes on what the gateway says of a token', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway, bearer);
    gateway.next('POST /api/auth/kakao/token', gateway.problem('KAKAO_TOKEN_INVALID', 401));
    expect(await rejection(auth.signInWithKakaoToken({ accessToken: 'x' }))).toMatchObject({ code: 'KAKAO_TOKEN_INVALID', status: 401 });
    expect((await auth.ready()).status).toBe('signed-out');
  });

  it('secureStore reads, writes and deletes', async () => {
    const held = new Map<string, string>();
    const storage = secureStore({
      getItemAsync: async (key) => held.get(key) ?? null,
      setItemAsync: async (key, value) => void held.set(key, value),
      deleteItemAsync: async (key) => void held.delete(key),
    });
    expect(await storage.get()).toBeNull();
    await storage.set('a');
    expect([...held]).toEqual([['munjigi.refresh_token', 'a']]);
    expect(await storage.get()).toBe('a');
    await storage.set(null);
    expect(held.size).toBe(0);
  });

  it('keychain reads, writes and resets', async () => {
    const held = new Map<string, string>();
    const storage = keychain({
      getGenericPassword: async ({ service }) => (held.has(service) ? { password: held.get(service)! } : false),
      setGenericPassword: async (_, password, { service }) => held.set(service, password),
      resetGenericPassword: async ({ service }) => held.delete(service),
    });
    expect(await storage.get()).toBeNull();
    await storage.set('a');
    expect([...held]).toEqual([['munjigi', 'a']]);
    expect(await storage.get()).toBe('a');
    await storage.set(null);
    expect(await storage.get()).toBeNull();
  });
});
