// The access token, for whoever calls an API.
import type { Inside } from './actions.js';
import type { Keeper } from './keeper.js';

/** A token with less left than this is not handed out. */
const LEAST_LEFT = 10_000;

export async function getAccessToken({ keeper, options }: Inside, asked?: { forceRefresh?: boolean }): Promise<string | null> {
  const { ready, refresh } = keeper.open;
  const { status } = await ready();
  const { access_token = null, exp = 0 } = keeper.session() ?? {};
  const cooling = keeper.cooling();
  const now = Date.now();
  const isCooling = cooling && now < cooling.until;
  if (!asked?.forceRefresh) {
    const least = isCooling ? 0 : Math.min((options.refreshMarginSeconds ?? 60) * 1000, LEAST_LEFT);
    if (exp - now > least || status === 'signed-out') return access_token;
    if (isCooling) throw cooling.error;
  }
  return refresh();
}

/** What to send instead of a token that was answered with 401; `null` = nothing. */
export async function after401({ session, open }: Keeper, refused: string): Promise<string | null> {
  const now = session()?.access_token ?? null;
  return now === refused ? open.refresh() : now;
}
