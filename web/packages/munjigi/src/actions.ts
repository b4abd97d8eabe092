// What happens after somebody pressed something: loaded then, so that a page that only asks who is there does not carry it.
//
// What it shares with the rest comes in as arguments: an import of the same module from both sides would make bundlers cut the
// core in two files, which is a request and a quarter of a kilobyte more for every page.
import type * as address from './address.js';
import type { Call, persistently } from './calls.js';
import type { MunjigiError, ownError } from './error.js';
import type { Keeper } from './keeper.js';
import type { components } from './schema.js';
import type { TokenAnswer } from './session.js';
import { recall, remember } from './tab-memory.js';
import type { AuthState, AuthUser, CallbackResult, DeviceSession, ErrorCode, KakaoNativeToken, Locale, SignedOut, SignInOptions } from './types.js';

/** A client as its actions see it. */
export interface Inside {
  keeper: Keeper;
  call: Call;
  locale: Locale;
  redirectUri: string | undefined;
  signIn: (options: SignInOptions) => void;
  /** One promise per code, for ever: effects run twice, people press reload. */
  callbacks: Map<string, Promise<CallbackResult>>;
  latest?: Promise<CallbackResult> | undefined;
  address: Pick<typeof address, 'cleanAddress' | 'hasAnswer' | 'here' | 'loginQuery' | 'returnAddress'>;
  persistently: typeof persistently;
  ownError: typeof ownError;
}

interface Attempt {
  verifier: string;
  returnTo?: string | undefined;
}

/** Flow B: the verifier stays in this tab, only its hash travels. Resolves with Kakao's address. */
export async function beginLogin(inside: Inside, options: SignInOptions): Promise<string> {
  const { call, redirectUri, locale, ownError } = inside;
  const { loginQuery, returnAddress } = inside.address;
  if (!crypto.subtle) throw ownError('KAKAO_MISCONFIGURED', locale, 'fix_config', { hint: 'PKCE needs https, or localhost' });
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const query = loginQuery(options, {
    redirect_uri: redirectUri,
    code_challenge: base64url(new Uint8Array(hash)),
    code_challenge_method: 'S256',
  });
  const { state, expires_in, login_url } = await call<components['schemas']['LoginUrl']>(`GET /api/auth/kakao/login-url${query}`);
  const attempt: Attempt = { verifier, returnTo: returnAddress(options.returnTo) };
  try {
    remember(state, attempt, expires_in);
  } catch (error) {
    throw ownError('STORAGE_FAILED', locale, 'none', { hint: `sessionStorage: ${error}` });
  }
  return login_url;
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

export function handleCallback(inside: Inside, url: string | undefined): Promise<CallbackResult> {
  const { keeper, redirectUri, callbacks } = inside;
  const { hasAnswer } = inside.address;
  const query = new URLSearchParams(url && new URL(url).search);
  if (!hasAnswer(query) || (query.has('code') && !redirectUri)) {
    // A second look at an address that was cleaned meanwhile, or nothing to finish.
    return inside.latest ?? keeper.ready().then(({ user }) => ({ user }));
  }
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
  const { keeper, call, persistently } = inside;
  const state = query.get('state') as string;
  const attempt = recall<Attempt>(state);
  // Begun in another browser, or too long ago: nothing is sent.
  if (!attempt) throw refused(inside, 'LOGIN_STATE_INVALID');
  const { verifier, returnTo } = attempt;
  const body = { code: query.get('code'), state, code_verifier: verifier };
  const answer = await keeper.enter(() => persistently(() => call<TokenAnswer>('POST /api/auth/kakao/callback', body)));
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

const refused = ({ ownError, locale }: Inside, code: ErrorCode, facts = {}): MunjigiError =>
  ownError(code, locale, code === 'KAKAO_MISCONFIGURED' ? 'fix_config' : 'login', facts);

const SILENT = 'silent';

export async function signInSilently({ keeper, signIn, address: { cleanAddress, here } }: Inside): Promise<AuthState> {
  const state = await keeper.ready();
  const page = here();
  const isInTalk = /KAKAOTALK/i.test(globalThis.navigator?.userAgent ?? '');
  // Back from a try that found that Kakao has to ask: no failure to show.
  if (page && new URL(page).searchParams.get('error') === 'KAKAO_INTERACTION_REQUIRED') cleanAddress();
  else if (state.status === 'signed-out' && isInTalk && !recall(SILENT)) {
    remember(SILENT, 1, 1e9);
    signIn({ prompt: 'none' });
  }
  return state;
}

export async function signInWithKakaoToken({ keeper, call }: Inside, given: KakaoNativeToken): Promise<AuthUser> {
  const body = 'idToken' in given ? { id_token: given.idToken, nonce: given.nonce } : { access_token: given.accessToken };
  return (await keeper.enter(() => call<TokenAnswer>('POST /api/auth/kakao/token', body))).user;
}

export async function nativeNonce({ call }: Inside): Promise<string> {
  return (await call<components['schemas']['Nonce']>('POST /api/auth/kakao/nonce')).nonce;
}

/** A call in the name of whoever is signed in. */
async function authorized<T>({ keeper, call }: Inside, route: `${string} /api/auth/${string}`, body?: object): Promise<T> {
  const token = await keeper.token();
  try {
    return await call<T>(route, body, token);
  } catch (error) {
    const newer = token && (error as MunjigiError).status === 401 && (await keeper.after401(token));
    if (!newer) throw error;
    return call<T>(route, body, newer);
  }
}

export async function updateProfile(inside: Inside, change: { nickname: string }): Promise<AuthUser> {
  const user = await authorized<AuthUser>(inside, 'PATCH /api/auth/profile', change);
  inside.keeper.changed(user);
  return user;
}

export const listSessions = (inside: Inside): Promise<DeviceSession[]> => authorized(inside, 'GET /api/auth/sessions');

export async function revokeSession(inside: Inside, id: string): Promise<void> {
  await authorized(inside, `DELETE /api/auth/sessions/${encodeURIComponent(id)}`);
  if (id === inside.keeper.sid()) inside.keeper.leave();
}

export const signOutOthers = (inside: Inside): Promise<SignedOut> => authorized(inside, 'POST /api/auth/logout', { scope: 'others' });

export async function deleteAccount(inside: Inside): Promise<void> {
  await authorized(inside, 'DELETE /api/auth/profile');
  inside.keeper.leave();
}
