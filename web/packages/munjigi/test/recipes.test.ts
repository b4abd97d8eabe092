// The README's recipes, run: other people's clients over `auth.fetch`.
import axios from 'axios';
import ky from 'ky';
import createClient from 'openapi-fetch';
import { describe, expect, it } from 'vitest';
import type { Munjigi } from '../src/index.js';
import type { paths } from '../src/schema.js';
import { createFakeGateway } from '../src/testing/index.js';
import { REFRESH, tab } from './helpers.js';

const ECHO = 'POST /api/echo';
const BODY = (n: number) => ({ n, text: '본문'.repeat(100) });

interface Echo {
  '/api/echo': {
    post: {
      requestBody: { content: { 'application/json': { n: number; text: string } } };
      responses: { 200: { content: { 'application/json': { n: number; text: string } } } };
    };
  };
}

type Post = (body: { n: number; text: string }) => Promise<unknown>;

const CLIENTS: Record<string, (auth: Munjigi, baseUrl: string) => Post> = {
  fetch: (auth, baseUrl) => async (body) => {
    const headers = { 'Content-Type': 'application/json' };
    return (await auth.fetch(`${baseUrl}/api/echo`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  },
  'openapi-fetch': (auth, baseUrl) => {
    const client = createClient<Echo>({ baseUrl, fetch: auth.fetch });
    return async (body) => (await client.POST('/api/echo', { body })).data;
  },
  ky: (auth, baseUrl) => {
    const client = ky.create({ prefixUrl: baseUrl, fetch: auth.fetch, retry: 0 });
    return (json) => client.post('api/echo', { json }).json();
  },
  axios: (auth, baseURL) => {
    const client = axios.create({
      baseURL,
      adapter: 'fetch',
      env: { fetch: auth.fetch, Request: null as never, Response: null as never },
    });
    return async (body) => (await client.post('/api/echo', body)).data;
  },
};

/** Somebody whose token has been revoked meanwhile: it is answered with 401 until it is renewed. */
async function withOldToken() {
  const gateway = createFakeGateway();
  gateway.signIn();
  const refused: string[] = [];
  let old: string | null = null;
  const fetch: typeof gateway.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.endsWith('/echo') || request.headers.get('Authorization') !== `Bearer ${old}`) return gateway.fetch(request);
    refused.push(await request.text());
    return gateway.problem('TOKEN_EXPIRED', 401);
  };
  const { auth } = tab(gateway, { fetch });
  old = await auth.getAccessToken();
  return { gateway, auth, refused };
}

describe.each(Object.entries(CLIENTS))('%s', (_, make) => {
  it('twenty posts at once with an old token: one refresh, one retry each, bodies intact', async () => {
    const { gateway, auth, refused } = await withOldToken();
    const post = make(auth, gateway.baseUrl);
    const bodies = Array.from({ length: 20 }, (__, n) => BODY(n));
    expect(await Promise.all(bodies.map(post))).toEqual(bodies);
    expect(gateway.count(REFRESH)).toBe(2);
    expect([refused.length, gateway.count(ECHO)]).toEqual([20, 20]);
    expect(refused.map((text) => JSON.parse(text))).toEqual(bodies);
  });

  it('nobody signed in: its own way of saying 401, after one request', async () => {
    const gateway = createFakeGateway();
    const { auth } = tab(gateway);
    const answer = await make(auth, gateway.baseUrl)(BODY(1)).catch((error: unknown) => error);
    expect(answer).not.toEqual(BODY(1));
    expect(gateway.count(ECHO)).toBe(1);
  });
});

it('the generated types are those of the gateway’s routes', async () => {
  const { gateway, auth } = await withOldToken();
  const client = createClient<paths>({ baseUrl: gateway.baseUrl, fetch: auth.fetch });
  const { data, response } = await client.GET('/api/auth/profile');
  expect(response.status).toBe(200);
  expect(data?.nickname).toBe('김문지');
});
