import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorOf, makeFail } from '../src/error.js';
import { MunjigiError } from '../src/index.js';
import { errorText, TEXTS } from '../src/texts.js';

const answer = (body: unknown, status: number, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/problem+json; charset=utf-8', ...headers },
  });

const PROBLEM = {
  type: 'https://auth.example.com/docs/errors/KAKAO_CONSENT_REQUIRED',
  title: 'x',
  status: 403,
  error: 'KAKAO_CONSENT_REQUIRED',
  message: '먼저 동의해야 합니다.',
  hint: '다시 로그인하세요.',
  action: 'login',
  request_id: '01J',
  kakao_code: '-402',
  required_scopes: ['account_email'],
};

describe('an error', () => {
  it('is what the gateway says', async () => {
    const error = await errorOf(answer(PROBLEM, 403, { 'Retry-After': '7' }), makeFail('ko'));
    expect(error).toBeInstanceOf(MunjigiError);
    expect({ ...error }).toEqual({
      name: 'MunjigiError',
      code: 'KAKAO_CONSENT_REQUIRED',
      action: 'login',
      status: 403,
      hint: '다시 로그인하세요.',
      requestId: '01J',
      kakaoCode: '-402',
      type: 'https://auth.example.com/docs/errors/KAKAO_CONSENT_REQUIRED',
      requiredScopes: ['account_email'],
      retryAfter: 7,
    });
    expect(error.message).toBe('먼저 동의해야 합니다.');
    expect(error.retryable).toBe(false);
  });

  it.each([
    ['HTML', '<html>', 401, 'none'],
    ['HTML', '<html>', 502, 'retry'],
    ['nothing', '', 429, 'retry'],
    ['broken JSON', '{', 403, 'none'],
    ['another problem', { title: 'x' }, 503, 'retry'],
    ['null', 'null', 400, 'none'],
  ])('that is not the gateway’s: %s %s %i', async (_, body, status, action) => {
    const error = await errorOf(answer(body, status), makeFail('en'));
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', status, action });
  });

  it('is not the gateway’s without its content type', async () => {
    const error = await errorOf(answer(PROBLEM, 403, { 'Content-Type': 'application/json' }), makeFail('en'));
    expect(error.code).toBe('UNEXPECTED_RESPONSE');
  });

  it.each(['Wed, 21 Oct 2026 07:28:00 GMT', '', '0', '-1', 'soon'])('knows no time to wait from Retry-After: %s', async (value) => {
    const { retryAfter } = await errorOf(answer(PROBLEM, 503, { 'Retry-After': value }), makeFail('ko'));
    expect(retryAfter === undefined || retryAfter < 0).toBe(true);
  });
});

// The OpenAPI document names the codes of each operation in the descriptions of its answers.
type Operation = { responses: Record<string, { description: string }> };
const api = JSON.parse(readFileSync(new URL('../../../../openapi/munjigi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};
const codesOf = (path: string, method: string) =>
  Object.values(api.paths[path]?.[method]?.responses ?? {}).flatMap(({ description }) => description.match(/`[A-Z][A-Z_]+`/g) ?? []);
const LOGIN_CODES = new Set(
  [
    ...codesOf('/api/auth/kakao/login', 'get'),
    ...codesOf('/api/auth/kakao/login-url', 'get'),
    ...codesOf('/api/auth/kakao/callback', 'get'),
    ...codesOf('/api/auth/kakao/callback', 'post'),
    ...codesOf('/api/auth/kakao/nonce', 'post'),
    ...codesOf('/api/auth/kakao/token', 'post'),
  ].map((code) => code.slice(1, -1)),
);

describe('texts', () => {
  it('are there for every code a login can end with', () => {
    expect(LOGIN_CODES.size).toBeGreaterThan(15);
    expect([...LOGIN_CODES].filter((code) => !(code in TEXTS))).toEqual([]);
  });

  it.each(Object.entries(TEXTS))('%s is Korean and English', (_, [ko, en]) => {
    expect(ko).toMatch(/[가-힣]/);
    expect(en).not.toMatch(/[가-힣]/);
    for (const text of [ko, en]) expect(text).toMatch(/\.$/);
  });

  it('are the gateway’s own when it spoke', () => {
    expect(errorText({ code: 'KAKAO_CODE_USED', message: 'its words', type: 'urn:x' })).toBe('its words');
  });

  it('are ours when it did not', () => {
    expect(errorText({ code: 'KAKAO_LOGIN_CANCELLED', message: 'x' }, 'en')).toBe('The Kakao login was cancelled.');
    expect(errorText({ code: 'KAKAO_LOGIN_CANCELLED', message: 'x' })).toBe('카카오 로그인을 취소했습니다.');
  });

  it.each(['SOMETHING_NEW', 'constructor', '__proto__'])('have one for the rest: %s', (code) => {
    expect(errorText({ code: code as 'TIMEOUT', message: 'x' }, 'en')).toBe('The login did not work. Log in again.');
  });
});
