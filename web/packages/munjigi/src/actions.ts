// What happens after somebody pressed something: loaded then, so that a page that only asks who is there does not carry it.
//
// What it shares with the rest comes in as an argument: an import of the same module from both sides would make bundlers cut the
// core in two files, which is a request and a quarter of a kilobyte more for every page.
import type { Call } from './calls.js';
import type { Fail } from './error.js';
import type { Keeper } from './keeper.js';
import type { CallbackResult, Munjigi, MunjigiOptions, TokenStorage } from './types.js';

/** A client as its actions see it. */
export interface Inside {
  options: MunjigiOptions;
  auth: () => Munjigi;
  keeper: Keeper;
  call: Call;
  fail: Fail;
  /** This module, once it is loaded. */
  actions?: typeof import('./actions.js');
  /** One promise per code, for ever: effects run twice, people press reload. */
  callbacks?: Map<string, Promise<CallbackResult>>;
  latest?: Promise<CallbackResult> | undefined;
  storage?: TokenStorage;
  writes?: Promise<void>;
}

export { getAccessToken } from './access.js';
export { deleteAccount, listSessions, revokeSession, updateProfile } from './account.js';
export { authorizedFetch as fetch } from './authorized-fetch.js';
export { beginLogin, handleCallback } from './flow-b.js';
export { nativeNonce, signInSilently, signInWithKakaoToken } from './other-logins.js';
export { keepToken, readToken } from './token-storage.js';
