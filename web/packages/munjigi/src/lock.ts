// The Web Lock around a refresh: it saves calls and nothing depends on it. Browsers have kept locks of closed tabs, so it is
// asked for with a limit, never stolen, and not asked for again once it was not to be had.

export type WithLock = <T>(work: () => Promise<T>) => Promise<T>;

export function makeLock(name: string, timeoutMs: number): WithLock {
  let isStuck = false;
  return async (work) => {
    const locks = globalThis.navigator?.locks;
    let working: ReturnType<typeof work> | undefined;
    if (locks && !isStuck) {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), timeoutMs);
      try {
        await locks.request(name, { signal: limit.signal }, () => (working = work()));
      } catch {
        // The work's failure is not the lock's, and its own promise tells of it.
        isStuck = !working;
      }
      clearTimeout(timer);
    }
    return working ?? work();
  };
}
