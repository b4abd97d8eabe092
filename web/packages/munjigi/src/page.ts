/** Seen, online, frozen into the back-forward cache, thawed. `visibilitychange` bubbles up to the window. */
const EVENTS = ['visibilitychange', 'online', 'pagehide', 'pageshow'];

/** What a page tells. Where there is none (React Native, Node, workers) nothing happens. */
export function listenToPage(listener: (event: PageTransitionEvent) => void, signal: AbortSignal): void {
  for (const type of globalThis.document ? EVENTS : []) addEventListener(type, listener as (event: Event) => void, { signal });
}
