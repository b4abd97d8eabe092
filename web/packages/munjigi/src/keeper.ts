// The session of one client: memory, state, refresh. Everything that changes who is signed in goes through here.
import { persistently, type Call } from './calls.js';
import { ownError, type MunjigiError } from './error.js';
import { makeListeners } from './listeners.js';
import { makeLock } from './lock.js';
import { loading, LOADING, next, SIGNED_IN, SIGNED_OUT, signedOut, type Input } from './machine.js';
import { isVisible, listenToPage } from './page.js';
import { sessionOf, withoutPrivate, type Session, type TokenAnswer } from './session.js';
import { makeTabs, type TabMessage } from './tabs.js';
import type { AuthEvent, AuthState, AuthUser, Locale, MunjigiOptions, SignOutReason } from './types.js';
import type { Vault } from './vault.js';

/** Answers that end the session. Nothing else signs anybody out: no proxy's 401, no 403, no 429, no 5xx. */
const ENDS: { [code: string]: SignOutReason } = {
  __proto__: null as never,
  INVALID_REFRESH_TOKEN: 'expired',
  SESSION_EXPIRED: 'expired',
  SESSION_REVOKED: 'revoked',
  REFRESH_TOKEN_REUSED: 'reuse-detected',
};

/** How long a new tab waits for another's token. */
const GRANT_WAIT = 60;
/** After a refresh that failed early. */
const COOL_DOWN = 5_000;
/** A token with less left than this is not handed out. */
const LEAST_LEFT = 10_000;
/** `setTimeout` takes no more. */
const LONGEST_TIMER = 2 ** 31 - 1;

export type Keeper = ReturnType<typeof makeKeeper>;

export function makeKeeper(
  { initialSession, onEvent, tabs: sharing, refreshMarginSeconds = 60, lockTimeoutMs = 3000 }: MunjigiOptions,
  name: string,
  locale: Locale,
  cookies: boolean,
  vault: Vault,
  call: Call,
  cameBack: () => unknown,
  log: (line: string) => void,
) {
  const margin = refreshMarginSeconds * 1000;
  const withLock = makeLock(name, lockTimeoutMs);
  const changes = makeListeners<void>();
  const events = makeListeners<AuthEvent>();
  if (onEvent) events.add(onEvent);

  const initial: AuthState = initialSession
    ? { status: SIGNED_IN, error: null, ...initialSession }
    : initialSession === null
      ? signedOut('initial')
      : loading;
  let state = initial;
  let session: Session | undefined;
  /** Answers from before the last change of hands are dropped. */
  let epoch = 0;
  /** Sessions that are over: a late message cannot bring them back. */
  const dead = new Set<string>();
  let flight: Promise<string | null> | undefined;
  let login: Promise<unknown> | undefined;
  let booted: Promise<void> | undefined;
  let stopListening: (() => void) | undefined;
  let granted: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Infinity;
  let coolUntil = 0;
  let lastError: MunjigiError;

  const tabs = makeTabs(name, onMessage);
  const tokenOrNull = () => session?.access_token ?? null;
  const sid = () => session?.sid ?? (state.status === SIGNED_IN ? state.sessionId : undefined);

  function emit(event: AuthEvent) {
    log(event.type);
    events.tell(event);
  }

  function set(input: Input, isNewUser?: boolean) {
    const before = state;
    state = next(before, input);
    if (state === before) return;
    changes.tell();
    if (state.status === SIGNED_IN && before.status === SIGNED_IN && state.sessionId === before.sessionId) {
      const { user, expiresAt } = state;
      if (before.expiresAt !== expiresAt) emit({ type: 'token-refreshed', expiresAt });
      if (before.user !== user) emit({ type: 'user-updated', user });
    } else if (state.status !== SIGNED_OUT || state.reason !== 'initial') {
      // What a state has to say is what its event has to say.
      emit({ ...state, type: state.status, isNewUser } as AuthEvent);
    }
  }

  function adopt(fresh: Session, isNewUser?: boolean) {
    const old = sid();
    if (old && old !== fresh.sid) dead.add(old);
    session = fresh;
    coolUntil = 0;
    // Half of a short life at least: a margin longer than the life must not make a loop.
    const left = fresh.exp - Date.now();
    plan(Math.max(left / 2, left - margin * (0.9 + Math.random() / 5)));
    set({ type: 'session', session: fresh }, isNewUser);
  }

  /** Adopts what the gateway answered, here and in the other tabs. */
  function take(answer: TokenAnswer, isNewUser?: boolean): string | null {
    let fresh: Session;
    try {
      fresh = sessionOf(answer);
    } catch {
      throw ownError('UNEXPECTED_RESPONSE', locale, 'none');
    }
    if (dead.has(fresh.sid)) return end('nobody', 'revoked');
    vault.set(answer.refresh_token);
    adopt(fresh, isNewUser);
    tabs.post({ type: 'grant', ...fresh });
    return fresh.access_token;
  }

  function end(type: 'nobody' | 'sign-out', reason: SignOutReason, isNews?: boolean): null {
    const mine = sid();
    epoch++;
    session = undefined;
    plan(Infinity);
    vault.set(null);
    if (mine) {
      dead.add(mine);
      if (isNews) tabs.post({ type: 'out', sid: mine, reason });
    }
    if (state.status !== SIGNED_OUT) set({ type, reason });
    return null;
  }

  function failed(error: MunjigiError) {
    lastError = error;
    coolUntil = Date.now() + COOL_DOWN;
    const left = state.status === SIGNED_IN ? state.expiresAt - Date.now() : 0;
    // An early refresh may fail: the token still works, and half of what is left is time for the next try.
    plan(left > 0 ? Math.max(left / 2, COOL_DOWN) : Infinity);
    if (left <= 0 && state.status !== SIGNED_OUT) set({ type: 'failed', error });
  }

  function plan(ms: number) {
    clearTimeout(timer);
    dueAt = Date.now() + ms;
    if (ms < Infinity) timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER));
  }

  /** Hidden tabs leave it to the one that is seen; they ask when they are. Timers may fire a little early. */
  function wake() {
    if (isVisible() && (Date.now() + 1000 > dueAt || state.status === 'error')) quietly();
  }

  const quietly = () => refresh().catch(() => {});

  const refresh = () => (flight ??= fly().finally(() => (flight = undefined)));

  async function fly(): Promise<string | null> {
    const born = epoch;
    const known = session?.access_token;
    const isStale = () => born !== epoch;
    await login?.catch(() => {});
    return withLock(async () => {
      // While this tab waited for the lock, the one that held it has sent what it got.
      if (isStale() || session?.access_token !== known) return tokenOrNull();
      try {
        const answer = await persistently(async () => {
          const body = await vault.get();
          return body && call<TokenAnswer | null>('POST /api/auth/refresh', body);
        }, () => !isStale());
        return isStale() ? tokenOrNull() : answer ? take(answer) : end('nobody', 'expired', true);
      } catch (thrown) {
        if (isStale()) return tokenOrNull();
        const error = thrown as MunjigiError;
        const reason = /^40[01]$/.test(`${error.status}`) && ENDS[error.code];
        if (reason) return end('nobody', reason, true);
        failed(error);
        throw error;
      }
    });
  }

  function onMessage(message: TabMessage) {
    const now = Date.now();
    if (message.type === 'hello') {
      if (session && session.exp - now > LEAST_LEFT) tabs.post({ type: 'grant', ...session });
      return;
    }
    const isMine = message.sid === sid();
    if (message.type === 'out') {
      dead.add(message.sid);
      if (isMine) end('sign-out', message.reason === 'user' ? 'other-tab' : message.reason);
    } else if (!dead.has(message.sid) && message.exp > now) {
      // The cookie jar holds one session, the newest.
      if (session && (isMine ? message.exp < session.exp : message.iat <= session.iat)) return;
      // A refresh under way may have carried the cookie of the session that is over now.
      if (session && !isMine) epoch++;
      adopt(message);
      granted?.();
    }
  }

  async function boot() {
    const shares = (sharing ?? (cookies ? 'share' : 'off')) === 'share';
    const open = () => shares && tabs.open();
    open();
    stopListening = listenToPage(({ type, persisted }) => {
      if (type === 'pagehide') return tabs.close();
      open();
      if (persisted) quietly();
      else wake();
    });
    // Back from Kakao, another tab could only answer for the person who was here before.
    if (shares && state.status === LOADING && !cameBack() && !login) {
      await new Promise<void>((resolve) => {
        granted = resolve;
        setTimeout(resolve, GRANT_WAIT);
        tabs.post({ type: 'hello' });
      });
    }
    await login?.catch(() => {});
    if (!session && state.status !== SIGNED_OUT) await quietly();
  }

  const ready = () => (booted ??= boot()).then(() => state);

  return {
    getState: () => state,
    getInitialState: () => initial,
    subscribe(listener: () => void) {
      void ready();
      return changes.add(listener);
    },
    on: events.add,
    emit,
    ready,
    refresh() {
      void ready();
      return refresh();
    },
    async token(isForced?: boolean): Promise<string | null> {
      await ready();
      const left = (session?.exp ?? 0) - Date.now();
      const isCooling = Date.now() < coolUntil;
      if (!isForced) {
        if (left > Math.min(margin, LEAST_LEFT) || (left > 0 && isCooling) || state.status === SIGNED_OUT) return tokenOrNull();
        if (isCooling) throw lastError;
      }
      return refresh();
    },
    /** What to send instead of a token that was answered with 401; `null` = nothing. */
    after401: async (refused: string) => (session?.access_token === refused ? refresh() : tokenOrNull()),
    /** The token in memory, however old. */
    lastToken: tokenOrNull,
    sid,
    /** Finishes a login with no refresh beside it: their cookies would overtake each other. */
    enter(exchange: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
      const done = Promise.resolve(flight?.catch(() => {})).then(async () => {
        const answer = await exchange();
        epoch++;
        take(answer, answer.is_new_user);
        return answer;
      });
      login = done;
      void ready();
      return done;
    },
    /** Somebody signed out here: at once, without the network. */
    leave: () => end('sign-out', 'user', true),
    changed(user: AuthUser) {
      if (!session || state.status !== SIGNED_IN) return;
      session = { ...session, user: withoutPrivate(user) };
      set({ type: 'user', user: session.user });
      tabs.post({ type: 'grant', ...session });
    },
    dispose() {
      epoch++;
      plan(Infinity);
      stopListening?.();
      tabs.close();
    },
  };
}
