import { describe, expect, it } from 'vitest';
import { createFakeGateway } from '../src/testing/index.js';
import { html, REFRESH, signedIn, tab } from './helpers.js';

const ECHO = 'POST /api/echo';
const post = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });

describe('auth.fetch', () => {
  it('sends the token', async () => {
    const { gateway, auth } = await signedIn();
    const answer = await auth.fetch(`${gateway.baseUrl}/api/protected`);
    expect(answer.status).toBe(200);
    expect(gateway.received.at(-1)?.headers.get('Authorization')).toBe(`Bearer ${await auth.getAccessToken()}`);
  });

  it('twenty posts answered with 401: one refresh, one retry each, bodies intact', async () => {
    const gateway = createFakeGateway();
    gateway.signIn();
    const refused: string[] = [];
    let old: string | null = null;
    // The token of the beginning has been revoked meanwhile.
    const fetch: typeof gateway.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.endsWith('/echo') || request.headers.get('Authorization') !== `Bearer ${old}`) return gateway.fetch(request);
      refused.push(await request.text());
      return gateway.problem('TOKEN_EXPIRED', 401);
    };
    const { auth } = tab(gateway, { fetch });
    old = await auth.getAccessToken();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => auth.fetch(`${gateway.baseUrl}/api/echo`, post({ n, text: '본문' }))),
    );
    expect(gateway.count(REFRESH)).toBe(2);
    expect([refused.length, gateway.count(ECHO)]).toEqual([20, 20]);
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(
      Array.from({ length: 20 }, (_, n) => ({ n, text: '본문' })),
    );
  });

  it('takes a Request, and one with a body too', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(ECHO, gateway.problem('TOKEN_EXPIRED', 401));
    const answer = await auth.fetch(new Request(`${gateway.baseUrl}/api/echo`, post({ a: 1 })));
    expect(await answer.json()).toEqual({ a: 1 });
  });

  it('retries once and not twice', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(ECHO, gateway.problem('INVALID_TOKEN', 401), gateway.problem('INVALID_TOKEN', 401), gateway.problem('INVALID_TOKEN', 401));
    expect((await auth.fetch(`${gateway.baseUrl}/api/echo`, post({}))).status).toBe(401);
    expect(gateway.count(ECHO)).toBe(2);
    expect(gateway.count(REFRESH)).toBe(2);
  });

  it('uses the token that came meanwhile instead of a refresh', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(ECHO, async () => {
      await auth.refresh();
      return gateway.problem('TOKEN_EXPIRED', 401);
    });
    expect((await auth.fetch(`${gateway.baseUrl}/api/echo`, post({}))).status).toBe(200);
    expect(gateway.count(REFRESH)).toBe(2);
  });

  it.each([403, 429, 500])('leaves %i to the caller', async (status) => {
    const { gateway, auth } = await signedIn();
    gateway.next(ECHO, html(status));
    expect((await auth.fetch(`${gateway.baseUrl}/api/echo`, post({}))).status).toBe(status);
    expect(gateway.count(ECHO)).toBe(1);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('gives the 401 back when the refresh fails, or ends the session', async () => {
    const { gateway, auth } = await signedIn();
    gateway.next(ECHO, html(401));
    gateway.next(REFRESH, html(403));
    const answer = await auth.fetch(`${gateway.baseUrl}/api/echo`, post({}));
    expect([answer.status, await answer.text()]).toEqual([401, '<html>proxy</html>']);
    gateway.revoke();
    expect((await auth.fetch(`${gateway.baseUrl}/api/echo`, post({}))).status).toBe(401);
    expect(auth.getState()).toMatchObject({ status: 'signed-out', reason: 'revoked' });
  });

  it('goes without a token when nobody is signed in', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway);
    expect((await auth.fetch(`${gateway.baseUrl}/api/protected`)).status).toBe(401);
    expect(gateway.received.at(-1)?.headers.has('Authorization')).toBe(false);
    expect(gateway.count('GET /api/protected')).toBe(1);
  });

  it('sends the token to no other origin', async () => {
    const { gateway, auth } = await signedIn();
    for (const url of ['https://evil.test/api/protected', `${gateway.baseUrl}.evil.test/`, `${gateway.baseUrl}:8443/`, 'https://gateway.test/']) {
      const init = {};
      await auth.fetch(url, init);
      expect(gateway.received.at(-1)?.headers.has('Authorization'), url).toBe(false);
    }
  });

  it('sends it to the origins it is told', async () => {
    const { gateway, auth } = await signedIn({ apiOrigins: ['https://api.test/v1'] });
    await auth.fetch('https://api.test/v2/x');
    expect(gateway.received.at(-1)?.headers.has('Authorization')).toBe(true);
    await auth.fetch(`${gateway.baseUrl}/api/protected`);
    expect(gateway.received.at(-1)?.headers.has('Authorization')).toBe(true);
  });

  it('leaves an Authorization alone that is there', async () => {
    const { gateway, auth } = await signedIn();
    const url = `${gateway.baseUrl}/api/protected`;
    await auth.fetch(url, { headers: { authorization: 'Bearer mine.e30.x' } });
    expect(gateway.received.at(-1)?.headers.get('Authorization')).toBe('Bearer mine.e30.x');
    await auth.fetch(new Request(url, { headers: { authorization: 'Bearer mine.e30.x' } }));
    expect(gateway.received.at(-1)?.headers.get('Authorization')).toBe('Bearer mine.e30.x');
    expect(gateway.count(REFRESH)).toBe(1);
  });
});
