// The session of one client: memory, state, refresh. Everything that changes who is signed in goes through here.
import type { Call } from './calls.js';
import type { Fail, MunjigiError } from './error.js';
import { makeListeners } from './listeners.js';
import { makeLock } from './lock.js';
import { loading, next, SIGNED_IN, SIGNED_OUT, signedOut, type Input, type State } from './machine.js';
import { listenToPage } from './page.js';
import { sessionOf, type Session, type TokenAnswer } from './session.js';
import { makeTabs, type TabMessage } from './tabs.js';
import type { AuthEvent, AuthState, MunjigiOptions, SignedOut, SignOutReason } from './types.js';

/** Answers that end the session. Nothing else signs anybody out: no proxy's 401, no 403, no 429, no 5xx. */
const ENDS: { [code: string]: SignOutReason } = {
  INVALID_REFRESH_TOKEN: 'expired',
  SESSION_EXPIRED: 'expired',
  SESSION_REVOKED: 'revoked',
  REFRESH_TOKEN_REUSED: 'reuse-detected',
};

/** How long a new tab waits for another's token. */
const GRANT_WAIT = 60;
/** After a refresh that failed early. */
const COOL_DOWN = 5_000;
/** A token with less left than this is not handed on. */
const LEAST_LEFT = 10_000;
/** `setTimeout` takes no more. */
const LONGEST_TIMER = 2 ** 31 - 1;

export type Keeper = ReturnType<typeof makeKeeper>;

export function makeKeeper(
  { initialSession, onEvent, tabs: sharing, refreshMarginSeconds = 60, lockTimeoutMs = 3000 }: MunjigiOptions,
  name: string,
  cookies: boolean,
  /** The body of a refresh; `null` = there is nothing to refresh with. */
  readToken: () => Promise<object | null>,
  keepToken: (value: string | null) => void,
  call: Call,
  fail: Fail,
  cameBack: () => unknown,
  /** The session, and the scope, of a sign-out the gateway was not told of; with an argument it is kept, over reloads. */
  debt: (entry?: string) => string | undefined,
  log: (line: string) => void,
) {
  const margin = refreshMarginSeconds * 1000;
  const withLock = makeLock(name, lockTimeoutMs);
  const changes = makeListeners<void>();
  const events = makeListeners<AuthEvent>();
  if (onEvent) events.add(onEvent);

  const initial: State = initialSession
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
  let booted: Promise<void> | undefined;
  /** A login that this page finishes. */
  let login: Promise<unknown> | undefined;
  let granted: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Infinity;
  /** The refresh that failed last, until when it is not tried again. */
  let cooling: { error: MunjigiError; until: number } | undefined;

  const shares = sharing ? sharing === 'share' : cookies;
  const life = new AbortController();
  const tabs = makeTabs(shares && name, onMessage);
  const tokenOrNull = () => session?.access_token ?? null;
  const sid = () => session?.sid ?? state.sessionId;

  function emit(event: AuthEvent) {
    log(event.type);
    events.tell(event);
  }

  function set(input: Input, isNewUser?: boolean) {
    const before = state;
    state = next(before, input);
    if (state === before) return;
    changes.tell();
    const { user, expiresAt, sessionId } = state;
    if (user && sessionId && sessionId === before.sessionId) {
      if (before.expiresAt !== expiresAt) emit({ type: 'token-refreshed', expiresAt: expiresAt as number });
      if (before.user !== user) emit({ type: 'user-updated', user });
    } else if (state.reason !== 'initial') {
      // What a state has to say is what its event has to say.
      emit({ ...state, type: state.status, isNewUser } as AuthEvent);
    }
  }

  function adopt(fresh: Session, isNewUser?: boolean) {
    const old = sid();
    if (old && old !== fresh.sid) dead.add(old);
    session = fresh;
    cooling = undefined;
    // Half of a short life at least: a margin longer than the life must not make a loop.
    const left = fresh.exp - Date.now();
    plan(Math.max(left / 2, left - margin * (0.9 + Math.random() / 5)));
    set({ type: 'session', session: fresh }, isNewUser);
  }

  /** Adopts a session, here and in the other tabs. */
  function share(fresh: Session, isNewUser?: boolean): string {
    adopt(fresh, isNewUser);
    tabs.post({ type: 'grant', ...fresh });
    return fresh.access_token;
  }

  /** What the gateway answered: whatever was asked before is out of date. */
  function take(answer: TokenAnswer): string | null {
    let fresh: Session;
    try {
      fresh = sessionOf(answer);
    } catch {
      throw fail('UNEXPECTED_RESPONSE', 'none');
    }
    epoch++;
    if (dead.has(fresh.sid)) {
      // Somebody signed out here, and the cookie does not know: it must not sign in again.
      tellEnd(fresh.access_token, debt()?.split(' ')[1]).catch(() => {});
      return end('nobody', 'revoked');
    }
    debt('');
    if (answer.refresh_token) keepToken(answer.refresh_token);
    return share(fresh, answer.is_new_user);
  }

  function end(type: 'nobody' | 'sign-out', reason: SignOutReason, isNews?: boolean): null {
    const mine = sid();
    epoch++;
    session = undefined;
    plan(Infinity);
    keepToken(null);
    if (mine) {
      dead.add(mine);
      if (isNews) tabs.post({ type: 'out', sid: mine, reason });
    }
    if (state.status !== SIGNED_OUT) set({ type, reason });
    return null;
  }

  async function tellEnd(token: string | null, scope?: string, held?: object | null): Promise<SignedOut> {
    const answer = await call<SignedOut>('POST /api/auth/logout', { scope, ...held }, token, null, true);
    debt('');
    return answer;
  }

  /** The gateway knows of no session. */
  function gone(reason: SignOutReason): null {
    debt('');
    return end('nobody', reason, true);
  }

  /** Somebody signed out here: at once, without the network. */
  const leave = () => end('sign-out', 'user', true);

  function failed(error: MunjigiError) {
    cooling = { error, until: Date.now() + COOL_DOWN };
    const left = (state.expiresAt ?? 0) - Date.now();
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
    if (globalThis.document?.visibilityState !== 'hidden' && (Date.now() + 1000 > dueAt || state.status === 'error' || debt())) quietly();
  }

  const quietly = () => refresh().catch(() => {});

  const refresh = () => flight ?? track(fly());

  /** Whoever wants a token meanwhile gets this one. */
  function track(work: Promise<string | null>): Promise<string | null> {
    const mine = work.finally(() => {
      if (flight === mine) flight = undefined;
    });
    return (flight = mine);
  }

  async function fly(): Promise<string | null> {
    const born = epoch;
    const known = tokenOrNull();
    const isWanted = () => born === epoch;
    return withLock(async () => {
      try {
        // While this tab waited for the lock, the one that held it has sent what it got.
        if (known === tokenOrNull() && isWanted()) {
          const body = await readToken();
          const answer = body && (await call<TokenAnswer | null>('POST /api/auth/refresh', body, null, isWanted));
          if (isWanted()) return answer ? take(answer) : gone('expired');
        }
      } catch (thrown) {
        const error = thrown as MunjigiError;
        const reason = (error.status as number) < 402 && ENDS[error.code];
        if (isWanted()) {
          if (reason) return gone(reason);
          failed(error);
          throw error;
        }
      }
      return tokenOrNull();
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
    dead.add(`${debt()}`.split(' ')[0] as string);
    tabs.open();
    listenToPage(({ type, persisted }) => {
      if (type === 'pagehide') return tabs.close();
      if (!persisted) return wake();
      // Only here: a page also says that it is hidden, after it said goodbye.
      tabs.open();
      quietly();
    }, life.signal);
    // Back from Kakao, another tab could only answer for the person who was here before.
    if (shares && state === loading && !cameBack() && !flight && !login) {
      await new Promise<void>((resolve) => {
        granted = resolve;
        setTimeout(resolve, GRANT_WAIT);
        tabs.post({ type: 'hello' });
      });
    }
    await login;
    if (!session && (state.status !== SIGNED_OUT || debt())) await quietly();
  }

  const ready = (): Promise<AuthState> => (booted ??= boot()).then(() => state);

  const open = {
    getState: (): AuthState => state,
    getInitialState: (): AuthState => initial,
    subscribe(listener: () => void) {
      void ready();
      return changes.add(listener);
    },
    on: events.add,
    ready,
    refresh() {
      void ready();
      return refresh();
    },
    async signOut({ scope = 'this' }: { scope?: 'this' | 'others' | 'all' } = {}): Promise<SignedOut> {
      const mine = sid();
      const token = tokenOrNull();
      const held = readToken().catch(() => null);
      if (scope !== 'others') {
        leave();
        if (mine && cookies) debt(`${mine} ${scope}`);
      }
      return tellEnd(token, scope, await held).catch((error: MunjigiError) => {
        // Out of reach now; it is told when the network is back, or by the next page.
        if (error.retryable && debt()) return { kakao_logout_url: null };
        throw error;
      });
    },
    dispose() {
      epoch++;
      plan(Infinity);
      life.abort();
      tabs.close();
    },
  };

  return {
    open,
    emit,
    share,
    session: () => session,
    cooling: () => cooling,
    flight: () => flight,
    fly,
    track,
    take,
    leave,
    /** A login is about to be finished: who was here before is not to be asked for, nor told to the other tabs. */
    waitFor(work: Promise<unknown>) {
      login = work.catch(() => {});
    },
  };
}
