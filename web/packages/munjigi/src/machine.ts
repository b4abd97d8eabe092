// The session's states and the only ways between them: a pure function. test/machine.test.ts has the whole table.
import type { MunjigiError } from './error.js';
import type { Session } from './session.js';
import type { AuthState, SignOutReason } from './types.js';

/** Whoever bundles this replaces it. A browser without a bundler has none, and a fault of this package ends in a ReferenceError there. */
declare const process: { env: { NODE_ENV?: string } };

export type Input =
  /** Tokens: by refresh, from another tab, by a finished login; or the same ones, when the profile was changed. */
  | { type: 'session'; session: Pick<Session, 'user' | 'exp' | 'sid'> }
  /** The gateway says that nobody is signed in: 204, or an answer that ends the session. */
  | { type: 'nobody'; reason: SignOutReason }
  /** Somebody signed out: here, or in another tab. */
  | { type: 'sign-out'; reason: SignOutReason }
  /** It could not be found out, and no token is valid any more. */
  | { type: 'failed'; error: MunjigiError };

/** A state, and what only some have. */
export type State = AuthState & { expiresAt?: number; sessionId?: string; reason?: SignOutReason };

export const SIGNED_IN = 'signed-in';
export const SIGNED_OUT = 'signed-out';

export const loading: State = { status: 'loading', user: null, error: null };
export const signedOut = (reason: SignOutReason): State => ({ status: SIGNED_OUT, user: null, error: null, reason });

/** Whether `input` may come in `state`. Anything else is a fault of this package. */
export const isLegal = ({ status }: AuthState, { type }: Input): boolean =>
  type === 'session' || status !== SIGNED_OUT;

/** The state after `input`; the same reference when nothing changed. */
export function next(state: State, input: Input): State {
  if (!isLegal(state, input)) {
    if (process.env.NODE_ENV !== 'production') throw new Error(`munjigi: ${input.type} in ${state.status}`);
    return state;
  }
  const { user } = state;
  switch (input.type) {
    case 'failed':
      return { status: 'error', user, error: input.error };
    case 'nobody':
    case 'sign-out':
      // Where nobody was known to be signed in, nobody was signed out.
      return signedOut(user || input.type === 'sign-out' ? input.reason : 'initial');
  }
  const { user: fresh, exp: expiresAt, sid: sessionId } = input.session;
  // The reference components hold, as long as it says the same.
  const given: State = { status: SIGNED_IN, user: user && same(user, fresh) ? user : fresh, error: null, expiresAt, sessionId };
  return same(state, given) ? state : given;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
