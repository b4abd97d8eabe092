// The client: the parts put together behind the public interface.
import type { Inside } from './actions.js';
import { here, loginQuery, read } from './address.js';
import { makeCall } from './calls.js';
import { makeFail, type MunjigiError } from './error.js';
import { makeKeeper } from './keeper.js';
import type { Munjigi, MunjigiOptions, SignInOptions } from './types.js';

type Actions = typeof import('./actions.js');
/** An action without its first argument, the client. */
type Bound<F> = F extends (inside: Inside, ...given: infer Given) => infer Result ? (...given: Given) => Result : never;

/** What is nothing but an action. */
const LATER = [
  'deleteAccount',
  'fetch',
  'getAccessToken',
  'listSessions',
  'nativeNonce',
  'revokeSession',
  'signInSilently',
  'signInWithKakaoToken',
  'updateProfile',
] as const;

/** Reads a note, then writes another if one is given. Storages may be missing, forbidden or full: then there is none. */
function note(kind: 'localStorage' | 'sessionStorage', name: string, next?: string): string | undefined {
  try {
    const storage = globalThis[kind];
    const now = storage.getItem(name) ?? '';
    if (next !== undefined && next !== now) storage.setItem(name, next);
    return now;
  } catch {
    return undefined;
  }
}

export function createMunjigi(options: MunjigiOptions): Munjigi {
  const { redirectUri, locale = 'ko', debug } = options;
  const base = options.baseUrl.replace(/\/+$/, '');
  const name = 'munjigi:' + base;
  const cookies = options.mode !== 'bearer';
  const log = (line: string) => {
    if (debug) (debug === true ? console.debug : debug)('munjigi: ' + line);
  };
  const report = (error: unknown) => keeper.emit({ type: 'error', error: error as MunjigiError });
  const fail = makeFail(locale);
  const call = makeCall(options, base, locale, cookies, fail, log);
  const act = <Name extends keyof Actions>(name: Name) =>
    ((...given: []) => {
      const run = (actions: Actions) => ((inside.actions = actions)[name] as (inside: Inside, ...given: []) => unknown)(inside, ...given);
      // At once where it can be: a page that goes must not lose what there is to keep.
      if (inside.actions) return run(inside.actions);
      return import('./actions.js').then(run, () => {
        throw fail('NETWORK_ERROR', 'retry');
      });
    }) as Bound<Actions[Name]>;
  const readToken = act('readToken');
  const keepToken = act('keepToken');
  const keeper = makeKeeper(
    options,
    name,
    cookies,
    cookies ? async () => ({}) : readToken,
    (value) => cookies || keepToken(value).catch(report),
    call,
    fail,
    // Said once.
    () => note('sessionStorage', name, ''),
    // Empty: nothing is owed.
    (entry) => note('localStorage', name, entry),
    log,
  );
  const inside: Inside = { options, auth: () => auth, keeper, call, fail };

  function go(url: string) {
    // Where it cannot be noted, another tab may answer first, for the person who was here before: one refresh more.
    note('sessionStorage', name, '1');
    (options.navigate ?? ((to) => location.assign(to)))(url);
  }

  function signInUrl(asked: SignInOptions = {}): string {
    if (redirectUri || !cookies) throw new Error('munjigi: signInUrl() is for cookie mode without redirectUri');
    return `${base}/api/auth/kakao/login?${loginQuery(asked)}`;
  }

  const auth = {
    ...keeper.open,
    ...(Object.fromEntries(LATER.map((name) => [name, act(name)])) as { [Name in (typeof LATER)[number]]: Bound<Actions[Name]> }),
    signIn(asked: SignInOptions = {}) {
      if (redirectUri) act('beginLogin')(loginQuery(asked)).then(go).catch(report);
      else go(signInUrl(asked));
    },
    signInUrl,
    handleCallback(url = here()) {
      const { answer = false, rest } = url ? read(url) : ({} as Partial<ReturnType<typeof read>>);
      if (answer && url === here()) history.replaceState(history.state, '', rest);
      const done = act('handleCallback')(answer);
      if (redirectUri && answer && answer.has('code')) keeper.waitFor(done);
      return done;
    },
  };
  return auth;
}
