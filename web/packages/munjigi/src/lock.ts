// The Web Lock around a refresh: it saves calls and nothing depends on it. Browsers have kept locks of closed tabs, so it is
// asked for with a limit, never stolen, and not asked for again once it was not to be had.

export type WithLock = <T>(work: () => Promise<T>) => Promise<T>;

export function makeLock(name: string, timeoutMs: number): WithLock {
  let isStuck = false;
  return async (work) => {
    const locks = globalThis.navigator?.locks;
    if (!locks || isStuck) return work();
    let working: ReturnType<typeof work> | undefined;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      return await locks.request(name, { signal: limit.signal }, () => {
        clearTimeout(timer);
        return (working = work());
      });
    } catch {
      clearTimeout(timer);
      // The lock's failure is not the work's.
      isStuck = !working;
      return working ?? work();
    }
  };
}
