// Bearer mode: where the refresh token is. In cookie mode it is where no script sees it.
import type { Inside } from './actions.js';
import type { TokenStorage } from './types.js';

export function memoryStorage(): TokenStorage {
  let held: string | null = null;
  return { get: () => held, set: (value) => void (held = value) };
}

const storageOf = (inside: Inside): TokenStorage => (inside.storage ??= inside.options.storage ?? memoryStorage());

/** The body of a refresh; `null` = there is nothing to refresh with. */
export async function readToken(inside: Inside): Promise<{ refresh_token?: string } | null> {
  try {
    await inside.writes?.catch(() => {});
    const refresh_token = await storageOf(inside).get();
    return refresh_token ? { refresh_token } : null;
  } catch {
    throw inside.fail('STORAGE_FAILED', 'retry');
  }
}

/** One after the other: the last word is the last one said, and the one read. */
export function keepToken(inside: Inside, value: string | null): Promise<void> {
  const { writes, fail } = inside;
  const write = async () => {
    await writes?.catch(() => {});
    try {
      await storageOf(inside).set(value);
    } catch {
      throw fail('STORAGE_FAILED', 'retry');
    }
  };
  return (inside.writes = write());
}
