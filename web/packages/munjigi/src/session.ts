// What a token answer becomes: the token, whose it is, and until when, by this machine's clock. Tabs send it to each other.
import type { components } from './schema.js';
import type { AuthUser } from './types.js';

export type TokenAnswer = components['schemas']['TokenResponse'];

export interface Session {
  access_token: string;
  sid: string;
  /** Seconds, by the gateway's clock; only ever compared with other `iat`s. */
  iat: number;
  /** Milliseconds, by this machine's clock. */
  exp: number;
  user: AuthUser;
}

/** Throws when the token is no JWT with a session: without a `sid` a late message could revive a signed-out session. */
export function sessionOf({ access_token, expires_in, user }: TokenAnswer): Session {
  const { sid, iat } = JSON.parse(atob((access_token.split('.')[1] as string).replace(/-/g, '+').replace(/_/g, '/')));
  // The server's clock may be off: the lifetime counts from the arrival.
  const exp = Date.now() + expires_in * 1000;
  if (!sid || !exp) throw 0;
  // Fields only `/api/auth/profile` tells stay out of the state, or they would come and go; and out of other tabs.
  return { access_token, sid, iat, exp, user: { ...user, private_fields: null } };
}
