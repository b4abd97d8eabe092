// Tokens nobody may be let in with, each with one fault; and tokens that are sound though they look odd.
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, importPKCS8, SignJWT } from 'jose';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

const foreignKey = () => importPKCS8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }), 'ES256');

/** Signs with a key that is in the key set. `undefined` takes a claim out. */
function sign({ extraKey }, real, changes = {}, header = {}, key = extraKey.privateKey) {
  const claims = JSON.parse(JSON.stringify({ ...decodeJwt(real), ...changes }));
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: extraKey.kid, ...header }).sign(key);
}

function tampered(real) {
  const [header, , signature] = real.split('.');
  return [header, part({ ...decodeJwt(real), user_id: 'somebody-else', sub: 'somebody-else' }), signature].join('.');
}

/** The public key, which everybody has, taken for a shared secret. */
function confused(real, jwk) {
  const secret = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const head = `${part({ alg: 'HS256', typ: 'JWT', kid: jwk.kid })}.${part(decodeJwt(real))}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
}

/** Made when they are asked for: one of them is sound for a while only. */
export const sound = (world, real) => ({
  'signed with another published key': () => sign(world, real),
  'whose iat is 10 s ahead of this clock': () => sign(world, real, { iat: now() + 10 }),
  'expired 5 s ago by this clock': () => sign(world, real, { exp: now() - 5 }),
});

export async function faulty(world, real, refresh) {
  const { kid } = decodeProtectedHeader(real);
  const [jwk] = (await world.jwks()).filter((key) => key.kid === kid);
  return {
    'no JWT': 'not-a-jwt',
    'tampered with': tampered(real),
    'without a signature': `${real.split('.').slice(0, 2).join('.')}.`,
    'alg none': `${part({ alg: 'none', typ: 'JWT' })}.${part(decodeJwt(real))}.`,
    'alg HS256 under the public key': confused(real, jwk),
    'of a foreign key under our kid': await sign(world, real, {}, { kid }, await foreignKey()),
    'of a foreign key under its own kid': await sign(world, real, {}, { kid: 'foreign' }, await foreignKey()),
    'of another issuer': await sign(world, real, { iss: 'https://evil.example' }),
    'for another audience': await sign(world, real, { aud: 'another-api' }),
    'expired': await sign(world, real, { exp: now() - 90 }),
    'that never expires': await sign(world, real, { exp: undefined }),
    'of another token_type': await sign(world, real, { token_type: 'refresh' }),
    'of no token_type': await sign(world, real, { token_type: undefined }),
    "the gateway's own refresh token": refresh,
  };
}

/** Each with a kid nobody has published. */
export const unknownKids = async (world, real, count) =>
  Promise.all(Array.from({ length: count }, (_, n) => sign(world, real, {}, { kid: `unknown-${n}` })));
