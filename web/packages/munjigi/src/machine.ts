// The session's states and the only ways between them: a pure function. test/machine.test.ts has the whole table.
import type { MunjigiError } from './error.js';
import { isDevelopment } from './development.js';
import type { Session } from './session.js';
import type { AuthState, AuthUser, SignOutReason } from './types.js';

export type Input =
  /** Tokens: by refresh, from another tab, by a finished login. */
  | { type: 'session'; session: Pick<Session, 'user' | 'exp' | 'sid'> }
  /** The gateway says that nobody is signed in: 204, or an answer that ends the session. */
  | { type: 'nobody'; reason: SignOutReason }
  /** Somebody signed out: here, or in another tab. */
  | { type: 'sign-out'; reason: SignOutReason }
  /** It could not be found out, and no token is valid any more. */
  | { type: 'failed'; error: MunjigiError }
  /** The profile was changed. */
  | { type: 'user'; user: AuthUser };

type SignedIn = AuthState & { status: 'signed-in' };

export const LOADING = 'loading';
export const SIGNED_IN = 'signed-in';
export const SIGNED_OUT = 'signed-out';

export const loading: AuthState = { status: LOADING, user: null, error: null };
export const signedOut = (reason: SignOutReason): AuthState => ({ status: SIGNED_OUT, user: null, error: null, reason });

/** Whether `input` may come in `state`. Anything else is a fault of this package. */
export const isLegal = ({ status }: AuthState, { type }: Input): boolean =>
  type === 'session' || (type === 'user' ? status === SIGNED_IN : status !== SIGNED_OUT);

/** The state after `input`; the same reference when nothing changed. */
export function next(state: AuthState, input: Input): AuthState {
  if (!isLegal(state, input)) {
    if (isDevelopment()) throw new Error(`munjigi: ${input.type} in ${state.status}`);
    return state;
  }
  const known = state.user;
  switch (input.type) {
    case 'nobody':
      // Nobody was known to be signed in: then nobody was signed out.
      return signedOut(known ? input.reason : 'initial');
    case 'sign-out':
      return signedOut(input.reason);
    case 'failed':
      return { status: 'error', user: known, error: input.error };
  }
  const given: SignedIn =
    input.type === 'user'
      ? { ...(state as SignedIn), user: input.user }
      : { status: SIGNED_IN, user: input.session.user, error: null, expiresAt: input.session.exp, sessionId: input.session.sid };
  // The reference components hold, as long as it says the same.
  if (same(known, given.user)) given.user = known as AuthUser;
  return same(state, given) ? state : given;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
