// Where the refresh token is: in a cookie this code cannot see, or in a storage.
import type { TokenStorage } from './types.js';

export const memoryStorage = (held: string | null = null): TokenStorage => ({
  get: () => held,
  set: (value) => void (held = value),
});

export type Vault = ReturnType<typeof makeVault>;

/** Without a storage: the cookie. Failed writes go to `report`; the session goes on without them. */
export function makeVault(storage: TokenStorage | null, fault: () => Error, report: (error: Error) => void) {
  // One after the other: the last word is the last one said, and the one read.
  let writes: Promise<void> = Promise.resolve();
  return {
    /** The body of a refresh; `null` = there is nothing to refresh with. */
    async get(): Promise<{ refresh_token?: string } | null> {
      if (!storage) return {};
      await writes;
      try {
        const refresh_token = await storage.get();
        return refresh_token ? { refresh_token } : null;
      } catch {
        throw fault();
      }
    },
    /** `undefined` leaves what is there. */
    set(value: string | null | undefined) {
      if (storage && value !== undefined) writes = writes.then(() => storage.set(value)).catch(() => report(fault()));
    },
  };
}
