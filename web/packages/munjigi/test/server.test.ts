import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createVerifier, VerifyError } from '../src/server/index.js';
import { rejection } from './helpers.js';

const issuer = 'https://auth.example.com';
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let keys: Record<'ES256' | 'RS256' | 'EdDSA', Keys>;
let foreign: Keys;

beforeAll(async () => {
  keys = {
    ES256: await generateKeyPair('ES256'),
    RS256: await generateKeyPair('RS256', { extractable: true }),
    EdDSA: await generateKeyPair('EdDSA'),
  };
  foreign = await generateKeyPair('ES256');
});

afterEach(() => void vi.useRealTimers());

const claims = (changes: JWTPayload = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: 'munjigi', sub: 'u1', user_id: 'u1', sid: 's1', iat: now, exp: now + 900, token_type: 'access', ...changes };
};

const sign = (payload = claims(), alg: keyof typeof keys = 'ES256', kid: string = alg, key = keys[alg].privateKey, typ = 'JWT') =>
  new SignJWT(payload).setProtectedHeader({ alg, kid, typ }).sign(key);

function verifier(options = {}, names: object | null = null) {
  const fetch = vi.fn(async () => {
    const published = await Promise.all(
      Object.entries(keys).map(async ([alg, { publicKey }]) => ({ ...(await exportJWK(publicKey)), alg, kid: alg, use: 'sig', ...names })),
    );
    return new Response(JSON.stringify({ keys: published }), { status: 200, headers: { 'Content-Type': 'application/json' } });
  });
  return { fetch, ...createVerifier({ issuer, fetch, ...options }) };
}

const refusal = async (jwt: string | Promise<string>, options = {}) => (await rejection(verifier(options).token(await jwt))) as VerifyError;

/** The same RSA key for the other padding; Web Crypto binds keys to one. */
const asPs256 = async (key: Keys['privateKey']) => importJWK({ ...(await exportJWK(key)), alg: 'PS256' });

describe('a good token', () => {
  it.each(['ES256', 'RS256', 'EdDSA'] as const)('%s', async (alg) => {
    const { token, fetch } = verifier();
    expect(await token(await sign(claims(), alg))).toMatchObject({ user_id: 'u1', sid: 's1' });
    expect(String((fetch.mock.calls as unknown[][])[0]?.[0])).toBe(`${issuer}/.well-known/jwks.json`);
  });

  it('of RFC 9068', async () => {
    expect(await verifier().token(await sign(claims(), 'ES256', 'ES256', keys.ES256.privateKey, 'at+jwt'))).toMatchObject({ sub: 'u1' });
  });

  it('is checked without asking for the keys again', async () => {
    const { token, fetch } = verifier();
    await token(await sign());
    await token(await sign());
    expect(fetch).toHaveBeenCalledOnce();
  });

  it('may be off by the gateway’s half minute', async () => {
    const past = Math.floor(Date.now() / 1000) - 20;
    expect(await verifier().token(await sign(claims({ exp: past })))).toMatchObject({ sub: 'u1' });
  });
});

describe('a bad token', () => {
  it('that has expired', async () => {
    const past = Math.floor(Date.now() / 1000) - 31;
    expect(await refusal(sign(claims({ exp: past })))).toMatchObject({ code: 'TOKEN_EXPIRED', status: 401 });
  });

  it.each([
    ['for another audience', { aud: 'another' }],
    ['of another issuer', { iss: 'https://evil.test' }],
    ['that is a refresh token', { token_type: 'refresh' }],
    ['of no kind', { token_type: undefined }],
    ['without a session', { sid: undefined }],
    ['without an end', { exp: undefined }],
  ] as [string, JWTPayload][])('%s', async (_, changes) => {
    expect(await refusal(sign(claims(changes)))).toMatchObject({ code: 'INVALID_TOKEN', status: 401 });
  });

  it('of another key with our kid', async () => {
    expect(await refusal(sign(claims(), 'ES256', 'ES256', foreign.privateKey))).toMatchObject({ code: 'INVALID_TOKEN' });
  });

  it('that is not signed', async () => {
    expect(await refusal(new UnsecuredJWT(claims()).encode())).toMatchObject({ code: 'INVALID_TOKEN' });
  });

  it('of an algorithm the gateway has not, though one of its keys could', async () => {
    const jwt = await new SignJWT(claims()).setProtectedHeader({ alg: 'PS256', kid: 'RS256' }).sign(await asPs256(keys.RS256.privateKey));
    const { token } = verifier({}, { alg: undefined });
    expect(await rejection(token(jwt))).toMatchObject({ code: 'INVALID_TOKEN' });
    expect(await token(await sign(claims(), 'RS256'))).toMatchObject({ sub: 'u1' });
  });

  it('signed with HS256: says what to do', async () => {
    const secret = new TextEncoder().encode('x'.repeat(32));
    const error = await refusal(new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(secret));
    expect(error).toMatchObject({ code: 'INVALID_TOKEN' });
    expect(error.message).toMatch(/JWT_ALGORITHM=ES256.*introspect/);
  });

  it.each(['', 'x', 'a.b.c', 'e30.e30.', '한글'])('that is none: %s', async (jwt) => {
    expect(await refusal(jwt)).toMatchObject({ code: 'INVALID_TOKEN' });
  });
});

describe('keys', () => {
  it('are not asked for again within five minutes because of a kid nobody knows', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { token, fetch } = verifier();
    await token(await sign());
    const unknown = await sign(claims({ exp: Math.floor(Date.now() / 1000) + 3600 }), 'ES256', 'unknown');
    for (let n = 0; n < 5; n++) expect(await rejection(token(unknown))).toMatchObject({ code: 'INVALID_TOKEN' });
    vi.setSystemTime(Date.now() + 4 * 60_000);
    await rejection(token(unknown));
    expect(fetch).toHaveBeenCalledOnce();
    vi.setSystemTime(Date.now() + 60_000 + 1);
    await rejection(token(unknown));
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('that cannot be had say nothing about the token', async () => {
    const down = async () => {
      throw new TypeError('fetch failed');
    };
    const error = await refusal(sign(), { fetch: down });
    expect(error).toMatchObject({ code: 'KEYS_UNAVAILABLE', status: 503 });
    expect(await error.toResponse().json(), 'the gateway has no page about it').not.toHaveProperty('type');
    expect(await refusal(sign(), { fetch: async () => new Response('', { status: 500 }) })).toMatchObject({ status: 503 });
  });

  it('may be elsewhere', async () => {
    const { token, fetch } = verifier({ jwksUrl: 'http://gateway:8000/.well-known/jwks.json' });
    await token(await sign());
    expect(String((fetch.mock.calls as unknown[][])[0]?.[0])).toBe('http://gateway:8000/.well-known/jwks.json');
  });
});

describe('a request', () => {
  it('of Fetch', async () => {
    const headers = { Authorization: `Bearer ${await sign()}` };
    expect(await verifier().request(new Request('http://x.test', { headers }))).toMatchObject({ sub: 'u1' });
  });

  it('of Node', async () => {
    expect(await verifier().request({ headers: { authorization: `bearer ${await sign()}` } })).toMatchObject({ sub: 'u1' });
  });

  it.each([undefined, '', 'Basic eDp5', 'Bearer', 'Bearer a b', ['Bearer x']])('without a token: %s', async (authorization) => {
    const error = (await rejection(verifier().request({ headers: { authorization } }))) as VerifyError;
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    expect(error.toResponse().headers.get('WWW-Authenticate')).toBe('Bearer');
  });

  it('is refused in the gateway’s own form', async () => {
    const response = (await refusal('x')).toResponse();
    expect(response.status).toBe(401);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"');
    expect(await response.json()).toMatchObject({ type: `${issuer}/docs/errors/INVALID_TOKEN`, status: 401, error: 'INVALID_TOKEN' });
  });
});
