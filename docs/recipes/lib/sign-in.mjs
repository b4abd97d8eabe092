// The steps of a login that a browser takes at Kakao.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

export function challenge() {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, hash: createHash('sha256').update(verifier).digest('base64url') };
}

/** Agrees at the mock; the query Kakao comes back with. */
export async function consent(loginUrl, person) {
  const answer = await fetch(`${loginUrl}&mock_user=${person}`, { redirect: 'manual' });
  assert.equal(answer.status, 302, `the mock answers ${answer.status}`);
  return new URL(answer.headers.get('location')).searchParams;
}
