import { describe, expect, it, vi } from 'vitest';
import { createFakeGateway } from '../src/testing/index.js';
import { html, REFRESH, rejection, signedIn, tab } from './helpers.js';

const LOGOUT = 'POST /api/auth/logout';
const PROFILE = '/api/auth/profile';

describe('the profile', () => {
  it('changes, keeps private fields out of the state, and is told', async () => {
    const { gateway, auth, events, user } = await signedIn();
    const changed = { ...user, nickname: '문지기', private_fields: { phone_number: '+821012345678' } };
    gateway.next(`PATCH ${PROFILE}`, new Response(JSON.stringify(changed), { status: 200 }));
    expect(await auth.updateProfile({ nickname: '문지기' })).toMatchObject({ private_fields: { phone_number: '+821012345678' } });
    expect(auth.getState().user).toEqual({ ...user, nickname: '문지기' });
    expect(events).toMatchObject([{ type: 'user-updated', user: { nickname: '문지기' } }]);
  });

  it('refreshes once for a token that is over', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(`PATCH ${PROFILE}`, gateway.problem('TOKEN_EXPIRED', 401));
    expect((await auth.updateProfile({ nickname: 'a' })).nickname).toBe('a');
    expect(gateway.count(REFRESH)).toBe(2);
  });

  it('says why not', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(`PATCH ${PROFILE}`, gateway.problem('INVALID_NICKNAME'));
    expect(await rejection(auth.updateProfile({ nickname: '' }))).toMatchObject({ code: 'INVALID_NICKNAME', status: 400 });
  });

  it('of somebody who signed out meanwhile changes nothing', async () => {
    const { gateway, auth } = await signedIn();
    let answer!: (response: Response) => void;
    gateway.next(`PATCH ${PROFILE}`, () => new Promise<Response>((resolve) => (answer = resolve)));
    const change = auth.updateProfile({ nickname: 'a' });
    await vi.waitFor(() => expect(gateway.count(`PATCH ${PROFILE}`)).toBe(1));
    await auth.signOut();
    answer(new Response('{}', { status: 200 }));
    await change;
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });

  it('goes with its person', async () => {
    const { gateway, auth } = await signedIn();
    await auth.deleteAccount();
    expect(gateway.count(`DELETE ${PROFILE}`)).toBe(1);
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });

  it('stays when leaving fails', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(`DELETE ${PROFILE}`, html(503));
    await rejection(auth.deleteAccount());
    expect(auth.getState().status).toBe('signed-in');
  });
});

describe('devices', () => {
  it('are listed and ended one by one', async () => {
    const { gateway, auth, user } = await signedIn();
    gateway.signIn(user);
    const devices = await auth.listSessions();
    expect(devices.map(({ current }) => current)).toEqual([true, false]);
    await auth.revokeSession(devices[1]!.id);
    expect(await auth.listSessions()).toHaveLength(1);
    expect(auth.getState().status).toBe('signed-in');
  });

  it('ended here is signed out here', async () => {
    const { auth } = await signedIn();
    await auth.revokeSession('sid-1');
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
  });

  it('need somebody signed in', async () => {
    const { auth } = tab(createFakeGateway());
    expect(await rejection(auth.listSessions())).toMatchObject({ code: 'UNAUTHENTICATED', action: 'login' });
  });
});

describe('signing out', () => {
  it.each(['this', 'all'] as const)('%s: first here, then at the gateway', async (scope) => {
    const { gateway, auth } = await signedIn();
    const token = await auth.getAccessToken();
    const done = auth.signOut({ scope });
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
    expect(gateway.count(LOGOUT)).toBe(0);
    expect(await done).toEqual({ kakao_logout_url: null });
    const asked = gateway.received.at(-1);
    expect(asked?.body).toEqual({ scope });
    expect(asked?.headers.get('Authorization')).toBe(`Bearer ${token}`);
  });

  it('keeps the request alive when the page goes', async () => {
    const { gateway, auth } = await signedIn();
    const fetch = vi.fn(gateway.fetch);
    const other = tab(gateway, { fetch });
    await other.auth.ready();
    await other.auth.signOut();
    expect(fetch.mock.calls.at(-1)?.[1]).toMatchObject({ keepalive: true, credentials: 'include' });
    await auth.ready();
  });

  it('others: this one stays', async () => {
    const { gateway, auth, user } = await signedIn();
    gateway.signIn(user);
    await auth.signOut({ scope: 'others' });
    expect(auth.getState().status).toBe('signed-in');
    expect(await auth.listSessions()).toHaveLength(1);
  });

  it('works without the network, and says that the gateway does not know', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(LOGOUT, 'network');
    expect(await rejection(auth.signOut())).toMatchObject({ code: 'NETWORK_ERROR', retryable: true });
    expect(auth.getState().status).toBe('signed-out');
  });

  it('twice is no fault', async () => {
    const { auth, events } = await signedIn();
    await auth.signOut();
    await auth.signOut();
    expect(events.map(({ type }) => type)).toEqual(['signed-out']);
  });

  it('while nothing is known yet', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway);
    await auth.signOut();
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'user' });
    expect(await auth.ready()).toMatchObject({ reason: 'user' });
  });
});

describe('debug', () => {
  it('prints what happens and no token, not even a piece', async () => {
    const lines: string[] = [];
    const { gateway, auth } = await signedIn({ debug: (line) => lines.push(line), mode: 'cookie' });
    gateway.next('GET /api/protected', html(401));
    await auth.fetch(`${gateway.baseUrl}/api/protected`);
    const token = (await auth.getAccessToken())!;
    await auth.signOut();
    expect(lines).toContain('munjigi: POST /api/auth/refresh 200');
    expect(lines).toContain('munjigi: signed-out');
    const text = lines.join('\n');
    for (const piece of token.split('.')) expect(text).not.toContain(piece.slice(0, 12));
    expect(text).not.toContain('refresh.');
  });

  it('goes to the console when it is true', async () => {
    const print = vi.spyOn(console, 'debug').mockImplementation(() => {});
    await signedIn({ debug: true });
    expect(print).toHaveBeenCalledWith('munjigi: signed-in');
  });
});
