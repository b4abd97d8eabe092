import { expect, test } from 'vitest';
import { claimsOf } from '../src/claims';

test('claims are read as UTF-8 of base64url', () => {
  const claims = { sub: '019a', name: '김문지 ÿÿÿ>>>???', exp: 1 };
  const bytes = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims)))).replace(/\+/g, '-').replace(/\//g, '_');
  expect(claimsOf(`head.${bytes}.signature`)).toEqual(claims);
  expect(claimsOf('')).toEqual({});
});
