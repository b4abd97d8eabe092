// What tabs of one origin tell each other: access tokens and ends of sessions. Never a refresh token.
import type { Session } from './session.js';
import type { SignOutReason } from './types.js';

export type TabMessage =
  | { type: 'hello' }
  | ({ type: 'grant' } & Session)
  | { type: 'out'; sid: string; reason: SignOutReason };

/** Without a name nothing is told. */
export function makeTabs(name: string | false, onMessage: (message: TabMessage) => void) {
  let channel: BroadcastChannel | null | undefined;
  return {
    post(message: TabMessage) {
      channel?.postMessage({ v: 1, ...message });
    },
    open() {
      if (!name || channel || !globalThis.BroadcastChannel) return;
      channel = new BroadcastChannel(name);
      // Another version of this package may be open in another tab.
      channel.onmessage = ({ data }) => data?.v === 1 && onMessage(data);
    },
    /** A page with an open channel is not kept in the back-forward cache. */
    close() {
      channel?.close();
      channel = null;
    },
  };
}
