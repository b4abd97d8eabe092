// The client: the parts put together behind the public interface.
import type { Inside } from './actions.js';
import { cleanAddress, hasAnswer, here, loginQuery, returnAddress } from './address.js';
import { makeFetch } from './authorized-fetch.js';
import { makeCall, persistently } from './calls.js';
import { ownError, type MunjigiError } from './error.js';
import { makeKeeper } from './keeper.js';
import type { Munjigi, MunjigiOptions, SignedOut, SignInOptions } from './types.js';
import { makeVault, memoryStorage } from './vault.js';

type Actions = typeof import('./actions.js');
/** An action without its first argument, the client. */
type Bound<F> = F extends (inside: Inside, ...given: infer Given) => infer Result ? (...given: Given) => Result : never;

/** This tab went to Kakao. */
const LEFT = 'munjigi:left';

export function createMunjigi(options: MunjigiOptions): Munjigi {
  const { redirectUri, locale = 'ko', debug } = options;
  const base = options.baseUrl.replace(/\/+$/, '');
  const cookies = options.mode !== 'bearer';
  const fetch: typeof globalThis.fetch = (...given) => (options.fetch ?? globalThis.fetch)(...given);
  const log = (line: string) => {
    if (debug) (debug === true ? console.debug : debug)('munjigi: ' + line);
  };
  const report = (error: unknown) => keeper.emit({ type: 'error', error: error as MunjigiError });
  const storage = cookies ? null : (options.storage ?? memoryStorage());
  const vault = makeVault(storage, () => ownError('STORAGE_FAILED', locale, 'retry'), report);
  const call = makeCall(base, locale, cookies, options.requestTimeoutMs ?? 10_000, fetch, log);
  const keeper = makeKeeper(options, 'munjigi:' + base, locale, cookies, vault, call, cameBack, log);
  const { emit: _emit, token, after401: _after401, lastToken, sid: _sid, enter: _enter, leave, changed: _changed, ...open } = keeper;
  const address = { cleanAddress, hasAnswer, here, loginQuery, returnAddress };
  const inside: Inside = { keeper, call, locale, redirectUri, signIn, callbacks: new Map(), address, persistently, ownError };

  const act = <Name extends keyof Actions>(name: Name) =>
    ((...given: []) =>
      import('./actions.js').then(
        (actions) => (actions[name] as (inside: Inside, ...given: []) => unknown)(inside, ...given),
        () => {
          throw ownError('NETWORK_ERROR', locale, 'retry');
        },
      )) as Bound<Actions[Name]>;

  /** Said once. */
  function cameBack(): unknown {
    try {
      const left = sessionStorage.getItem(LEFT);
      sessionStorage.removeItem(LEFT);
      return left;
    } catch {
      return false;
    }
  }

  function go(url: string) {
    try {
      sessionStorage.setItem(LEFT, '1');
    } catch {
      // Then another tab may answer first with a token that is refused: one refresh more.
    }
    (options.navigate ?? ((to) => location.assign(to)))(url);
  }

  function signInUrl(asked: SignInOptions = {}): string {
    if (redirectUri || !cookies) throw new Error('munjigi: signInUrl() is for cookie mode without redirectUri');
    return base + '/api/auth/kakao/login' + loginQuery(asked, { return_to: returnAddress(asked.returnTo) });
  }

  function signIn(asked: SignInOptions = {}) {
    if (redirectUri) act('beginLogin')(asked).then(go).catch(report);
    else go(signInUrl(asked));
  }

  return {
    ...open,
    signIn,
    signInUrl,
    signInSilently: act('signInSilently'),
    signInWithKakaoToken: act('signInWithKakaoToken'),
    nativeNonce: act('nativeNonce'),
    handleCallback(url = here()) {
      if (url && url === here()) cleanAddress();
      return act('handleCallback')(url);
    },
    getAccessToken: (asked) => token(asked?.forceRefresh),
    fetch: makeFetch(keeper, [base, ...(options.apiOrigins ?? [])], fetch),
    updateProfile: act('updateProfile'),
    listSessions: act('listSessions'),
    revokeSession: act('revokeSession'),
    async signOut({ scope = 'this' } = {}) {
      if (scope === 'others') return act('signOutOthers')();
      const bearer = lastToken();
      const held = vault.get().catch(() => null);
      leave();
      return call<SignedOut>('POST /api/auth/logout', { scope, ...(await held) }, bearer, true);
    },
    deleteAccount: act('deleteAccount'),
  };
}
