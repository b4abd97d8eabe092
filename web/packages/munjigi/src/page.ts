// What a page tells. Where there is none (React Native, Node) nothing happens, and nothing is ever hidden.

const EVENTS = ['visibilitychange', 'online', 'pagehide', 'pageshow'];

export const isVisible = (): boolean => globalThis.document?.visibilityState !== 'hidden';

/** Seen, online, frozen into the back-forward cache, thawed. `visibilitychange` bubbles up to the window. */
export function listenToPage(listener: (event: PageTransitionEvent) => void): () => void {
  const stop = new AbortController();
  for (const type of globalThis.document ? EVENTS : []) {
    addEventListener(type, listener as (event: Event) => void, { signal: stop.signal });
  }
  return () => stop.abort();
}
