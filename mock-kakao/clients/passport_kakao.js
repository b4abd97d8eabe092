// passport-kakao against the mock. The environment, which `check` sets, names the mock and the app registered there.
import assert from 'node:assert/strict';

import { Strategy } from 'passport-kakao';

const { KAKAO, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;

/** An application's strategy. `state: true` makes the library keep a state in the session and compare it. */
function kakaoStrategy(options) {
  const strategy = new Strategy(
    { clientID: CLIENT_ID, clientSecret: CLIENT_SECRET, callbackURL: REDIRECT_URI, state: true, ...options },
    (accessToken, refreshToken, tokens, profile, done) => done(null, { accessToken, refreshToken, tokens, profile }),
  );
  strategy._oauth2._authorizeUrl = `${KAKAO}/oauth/authorize`;
  strategy._oauth2._accessTokenUrl = `${KAKAO}/oauth/token`;
  strategy._userProfileURL = `${KAKAO}/v2/user/me`;
  // The library forgets everything but `error` and `error_description`: keep the whole answer.
  strategy.parseErrorResponse = function (body, status) {
    const error = Strategy.prototype.parseErrorResponse(body, status);
    return Object.assign(error, { answer: JSON.parse(body), httpStatus: status });
  };
  return strategy;
}

/** What `passport.authenticate()` does: runs the strategy for one request, and tells how it ended. */
function authenticate(strategy, request, options) {
  return new Promise((resolve) => {
    const run = Object.create(strategy);
    run.redirect = (url) => resolve({ redirect: url });
    run.success = (user) => resolve({ user });
    run.fail = (challenge) => resolve({ failure: challenge });
    run.error = (error) => resolve({ error });
    run.authenticate(request, options);
  });
}

/** The query with which a browser is sent back to the application. */
function comeBack(answer) {
  const location = answer.headers.get('location') ?? '';
  assert.equal(answer.status, 302, `authorize answered ${answer.status}`);
  assert.ok(location.startsWith(`${REDIRECT_URI}?`), `sent to ${location}`);
  return Object.fromEntries(new URL(location).searchParams);
}

async function agree(authorizeUrl, person) {
  return comeBack(await fetch(`${authorizeUrl}&mock_user=${person}`, { redirect: 'manual' }));
}

/** Presses cancel on the consent page. */
async function cancel(authorizeUrl) {
  assert.equal((await fetch(authorizeUrl)).status, 200);
  const form = new URLSearchParams({ query: new URL(authorizeUrl).search.slice(1), decision: 'deny' });
  return comeBack(await fetch(`${KAKAO}/__mock/consent`, { method: 'POST', body: form, redirect: 'manual' }));
}

/** A whole login in a session of its own. `strategy` begins it; the one of `finish` may differ. */
async function login(atKakao, { strategy = kakaoStrategy(), finish = strategy, options } = {}) {
  const session = {};
  const begun = await authenticate(strategy, { session });
  assert.ok(begun.redirect, `no redirect to Kakao: ${begun.error}`);
  const query = await atKakao(begun.redirect);
  return { query, ...(await authenticate(finish, { session, query }, options)) };
}

async function signIn(person, options) {
  const { user, error, failure } = await login((url) => agree(url, person), options);
  assert.ok(user, `${person} is not signed in: ${describe(error ?? failure)}`);
  return user;
}

function describe(reason) {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : JSON.stringify(reason);
}

/** The library's own error for a refusal of the token endpoint, with Kakao's code in the answer it was made of. */
function assertTokenError({ user, error, failure }, { status, code, koe, description }) {
  assert.equal(user, undefined, 'somebody was signed in');
  assert.equal(error?.name, 'TokenError', `the library says ${describe(error ?? failure)}`);
  assert.equal(error.code, code);
  assert.match(error.message, description);
  assert.equal(error.answer.error_code, koe);
  assert.equal(error.httpStatus, status);
}

const CHECKS = {
  'full: id, nickname, e-mail, picture': async () => {
    const { profile, tokens, accessToken, refreshToken } = await signIn('full');
    assert.equal(profile.provider, 'kakao');
    assert.equal(profile.id, 4000000001);
    assert.equal(profile.username, '김문지');
    assert.equal(profile.displayName, '김문지');
    const account = profile._json.kakao_account;
    assert.equal(account.email, 'munji@example.com');
    assert.ok(account.is_email_valid && account.is_email_verified);
    assert.match(account.profile.profile_image_url, /^http:/);
    assert.ok(accessToken && refreshToken && accessToken !== refreshToken);
    assert.equal(tokens.token_type, 'bearer');
    assert.ok(Number.isInteger(tokens.expires_in) && tokens.expires_in > 0);
  },
  'nickname-only: nickname, no e-mail': async () => {
    const { profile } = await signIn('nickname-only');
    assert.equal(profile.id, 4000000002);
    assert.equal(profile.username, '이닉네임');
    assert.equal(profile._json.kakao_account.email, undefined);
    assert.equal(profile._json.kakao_account.email_needs_agreement, true);
  },
  'bare: the library calls an answer without properties 미연동 계정': async () => {
    const { profile } = await signIn('bare');
    assert.equal(profile.id, 4000000003);
    assert.equal(profile.username, '미연동 계정');
    assert.equal(profile._raw, '{"id":4000000003}');
  },
  'big-id: a bare JSON number, exact in _raw, rounded by JavaScript in id': async () => {
    const { profile } = await signIn('big-id');
    assert.match(profile._raw, /"id":1376016924429759228[,}]/);
    assert.equal(profile.id, Number('1376016924429759228'));
    assert.notEqual(BigInt(profile.id), 1376016924429759228n);
  },
  'scope with commas asks for the e-mail': async () => {
    const without = await signIn('email-needs-agreement');
    assert.equal(without.profile._json.kakao_account.email, undefined);
    const strategy = kakaoStrategy({ scope: ['profile_nickname', 'account_email'] });
    const { profile, tokens } = await signIn('email-needs-agreement', { strategy });
    assert.equal(profile._json.kakao_account.email, 'later@example.com');
    assert.ok(tokens.scope.split(' ').includes('account_email'), `granted: ${tokens.scope}`);
  },
  'cancel on the consent page is a failure, not an error': async () => {
    const { failure, error } = await login(cancel);
    assert.deepEqual({ failure, error }, { failure: { message: 'User denied access' }, error: undefined });
  },
  'under-14 is a failure': async () => {
    const { failure } = await login((url) => agree(url, 'under-14'));
    assert.deepEqual(failure, { message: 'Not allowed under age 14' });
  },
  'a used code is a TokenError, KOE320': async () => {
    const strategy = kakaoStrategy({ state: false });
    const first = await login((url) => agree(url, 'full'), { strategy });
    assert.ok(first.user, 'the first use signs nobody in');
    const again = await authenticate(strategy, { query: first.query });
    const description = /^authorization code not found/;
    assertTokenError(again, { status: 400, code: 'invalid_grant', koe: 'KOE320', description });
  },
  'another redirect URI at the token endpoint is a TokenError, KOE303': async () => {
    const outcome = await login((url) => agree(url, 'full'), { options: { callbackURL: `${REDIRECT_URI}/` } });
    const description = /^Redirect URI mismatch/;
    assertTokenError(outcome, { status: 400, code: 'invalid_grant', koe: 'KOE303', description });
  },
  'a wrong client secret is a TokenError, KOE010': async () => {
    const outcome = await login((url) => agree(url, 'full'), { strategy: kakaoStrategy({ clientSecret: 'wrong' }) });
    const description = /^Bad client credentials$/;
    assertTokenError(outcome, { status: 401, code: 'invalid_client', koe: 'KOE010', description });
  },
};

setTimeout(() => {
  console.error('passport-kakao: FAILED: no answer within 30 seconds');
  process.exit(1);
}, 30_000).unref();

let passed = 0;
for (const [name, check] of Object.entries(CHECKS)) {
  try {
    await check();
  } catch (error) {
    const reason = error instanceof assert.AssertionError ? error.message : error.stack;
    console.error(`passport-kakao: FAILED: ${name}\n${reason}`);
    process.exit(1);
  }
  passed += 1;
  console.log(`passport-kakao: ok: ${name}`);
}
console.log(`passport-kakao: ${passed} passed, 0 failed`);
