// Flow B, where the app owns the redirect URI: from the button to Kakao's address, and from there to a session. Failures of flow A
// come back to a page of the app too, and are read here.
import type { Inside } from './actions.js';
import { enter } from './enter.js';
import type { MunjigiError } from './error.js';
import type { components } from './schema.js';
import type { TokenAnswer } from './session.js';
import { recall, remember } from './tab-memory.js';
import type { CallbackResult, ErrorCode } from './types.js';

interface Attempt {
  verifier: string;
  returnTo?: string | null;
}

/** The verifier stays in this tab, only its hash travels. Resolves with Kakao's address. */
export async function beginLogin({ call, fail, options }: Inside, query: URLSearchParams): Promise<string> {
  if (!crypto.subtle) throw fail('KAKAO_MISCONFIGURED', 'fix_config', { hint: 'PKCE needs https, or localhost' });
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const returnTo = query.get('return_to');
  query.delete('return_to');
  query.set('redirect_uri', options.redirectUri as string);
  query.set('code_challenge', base64url(new Uint8Array(hash)));
  query.set('code_challenge_method', 'S256');
  const { state, expires_in, login_url } = await call<components['schemas']['LoginUrl']>(`GET /api/auth/kakao/login-url?${query}`);
  const attempt: Attempt = { verifier, returnTo };
  try {
    remember(state, attempt, expires_in);
  } catch (error) {
    throw fail('STORAGE_FAILED', 'none', { hint: `sessionStorage: ${error}` });
  }
  return login_url;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

/** Without a query there is nothing to finish, or it was taken off the address before. */
export function handleCallback(inside: Inside, query: URLSearchParams | false): Promise<CallbackResult> {
  const { keeper, options } = inside;
  const callbacks = (inside.callbacks ??= new Map<string, Promise<CallbackResult>>());
  if (!query || (query.has('code') && !options.redirectUri)) return inside.latest ?? keeper.open.ready().then(({ user }) => ({ user }));
  const key = `${query}`;
  const known = callbacks.get(key);
  if (known) return known;
  const mine = query.has('code') ? finishLogin(inside, query) : Promise.reject(failureIn(inside, query));
  callbacks.set(key, mine);
  inside.latest = mine;
  const forget = () => {
    if (inside.latest === mine) inside.latest = undefined;
  };
  mine.then(forget, forget);
  return mine;
}

/** Posts the code. The attempt is kept until it expires: a lost answer may be asked for again. */
async function finishLogin(inside: Inside, query: URLSearchParams): Promise<CallbackResult> {
  const { keeper, call } = inside;
  const state = query.get('state') as string;
  const attempt = recall<Attempt>(state);
  // Begun in another browser, or too long ago: nothing is sent.
  if (!attempt) throw refused(inside, 'LOGIN_STATE_INVALID');
  const { verifier, returnTo } = attempt;
  const body = { code: query.get('code'), state, code_verifier: verifier };
  const answer = await enter(keeper, () => call<TokenAnswer>('POST /api/auth/kakao/callback', body, null, () => true));
  const isOurs = returnTo && new URL(returnTo).origin === globalThis.location?.origin;
  return { user: answer.user, isNewUser: answer.is_new_user, ...(isOurs && { returnTo }) };
}

/** Kakao's words in flow B. In flow A the gateway has put its own codes in place of them. */
const KAKAO: { [error: string]: ErrorCode } = {
  __proto__: null as never,
  access_denied: 'KAKAO_LOGIN_CANCELLED',
  login_required: 'KAKAO_INTERACTION_REQUIRED',
  consent_required: 'KAKAO_INTERACTION_REQUIRED',
  interaction_required: 'KAKAO_INTERACTION_REQUIRED',
};

/** The failure an address tells of. Anybody can write an address: nothing but codes is taken from it. */
function failureIn(inside: Inside, query: URLSearchParams): MunjigiError {
  const get = (name: string) => query.get(name) ?? '';
  const error = get('error');
  const requiredScopes = get('required_scopes').match(/[\w.]+/g) ?? undefined;
  const facts = { requestId: get('request_id').slice(0, 64) || undefined, requiredScopes };
  if (/^[A-Z_]{1,64}$/.test(error)) return refused(inside, error as ErrorCode, facts);
  const isTooYoung = /under age/i.test(get('error_description'));
  return refused(inside, isTooYoung ? 'KAKAO_UNDER_AGE' : (KAKAO[error] ?? 'KAKAO_LOGIN_FAILED'), facts);
}

const refused = ({ fail }: Inside, code: ErrorCode, facts = {}): MunjigiError =>
  fail(code, code === 'KAKAO_MISCONFIGURED' ? 'fix_config' : 'login', facts);
