// What the package says to its users. Data keeps the names of the wire (`profile_image`, `email_verified`).
import type { MunjigiError } from './error.js';
import type { components } from './schema.js';

type Schemas = components['schemas'];

/** A person, as `GET /api/auth/profile` and every token answer describe them. */
export type AuthUser = Schemas['Profile'];
/** One login on one device. */
export type DeviceSession = Schemas['DeviceSession'];
/** What the gateway answers to a logout. */
export type SignedOut = Schemas['SignedOut'];
/** The stable codes of the gateway. */
export type ErrorCode = Schemas['Problem']['error'];

export type Awaitable<T> = T | Promise<T>;
export type Locale = 'ko' | 'en';

/** Where bearer mode keeps the refresh token. */
export interface TokenStorage {
  get(): Awaitable<string | null>;
  set(value: string | null): Awaitable<void>;
}

/** What a server that rendered the page knew about the session. */
export interface SessionSnapshot {
  user: AuthUser;
  /** Milliseconds since 1970. */
  expiresAt: number;
  sessionId: string;
}

export type SignOutReason = 'initial' | 'user' | 'other-tab' | 'expired' | 'revoked' | 'reuse-detected';

export type AuthState =
  | { status: 'loading'; user: null; error: null }
  | { status: 'signed-in'; user: AuthUser; error: null; expiresAt: number; sessionId: string }
  | { status: 'signed-out'; user: null; error: null; reason: SignOutReason }
  | { status: 'error'; user: AuthUser | null; error: MunjigiError };

export type AuthEvent =
  | { type: 'signed-in'; user: AuthUser; isNewUser?: boolean | undefined }
  | { type: 'token-refreshed'; expiresAt: number }
  | { type: 'user-updated'; user: AuthUser }
  | { type: 'signed-out'; reason: SignOutReason }
  | { type: 'error'; error: MunjigiError };

export interface MunjigiOptions {
  /** `https://auth.example.com`, or `''` when `/api/auth` is proxied on this host. */
  baseUrl: string;
  /** Where the refresh token lives: an HttpOnly cookie (default), or `storage`. */
  mode?: 'cookie' | 'bearer';
  /** Set = the app owns the redirect URI (flow B). It must be listed in `KAKAO_EXTRA_REDIRECT_URIS`. */
  redirectUri?: string;
  /** Bearer mode only. Default: memory, so a reload signs out. */
  storage?: TokenStorage;
  /** Origins `fetch` may send the token to, besides the gateway's. */
  apiOrigins?: readonly string[];
  /** Language of messages and of the button. Default `ko`. */
  locale?: Locale;
  /** Refresh this long before the token expires, give or take a tenth. Default 60. */
  refreshMarginSeconds?: number;
  /** Whether tabs tell each other. Default `share` in cookie mode, `off` in bearer mode. */
  tabs?: 'share' | 'off';
  /** How long a refresh waits for other tabs. Default 3000; then it goes on without the lock. */
  lockTimeoutMs?: number;
  /** Default 10 000. */
  requestTimeoutMs?: number;
  /** From a server render; `null` = known to be signed out. */
  initialSession?: SessionSnapshot | null;
  fetch?: typeof globalThis.fetch;
  /** Default: `location.assign`. */
  navigate?: (url: string) => void;
  onEvent?: (event: AuthEvent) => void;
  /** Prints what happens; never a token, not even a piece of one. */
  debug?: boolean | ((line: string) => void);
}

export interface SignInOptions {
  /** Where to go afterwards; default: here. */
  returnTo?: string;
  prompt?: 'login' | 'select_account' | 'create' | 'none';
  /** Further consent items of Kakao's. */
  scope?: readonly string[];
  /** Fills the id box of Kakao's page. */
  loginHint?: string;
  /** Kakao Sync: tags of service terms. */
  serviceTerms?: readonly string[];
}

/** What Kakao's SDK gave a native app. The ID token with its nonce is the better one. */
export type KakaoNativeToken = { idToken: string; nonce: string } | { accessToken: string };

export interface CallbackResult {
  /** `null`: there was nothing to finish, and nobody is signed in. */
  user: AuthUser | null;
  /** Flow B only. */
  isNewUser?: boolean;
  /** Flow B only: where the person wanted to go, on this origin. */
  returnTo?: string;
}

export interface Munjigi {
  /** Synchronous; the same reference until something changes. */
  getState(): AuthState;
  /** The state a server render and the hydration after it have to start from. */
  getInitialState(): AuthState;
  /** Made for `useSyncExternalStore`. The first call starts the client. */
  subscribe(listener: () => void): () => void;
  on(listener: (event: AuthEvent) => void): () => void;
  /** Resolves once it is known whether somebody is signed in. Never rejects; bounded by the timeouts. */
  ready(): Promise<AuthState>;
  /** Leaves for Kakao. A start that fails is an `error` event. */
  signIn(options?: SignInOptions): void;
  /** Flow A only: for `<a href>`. */
  signInUrl(options?: SignInOptions): string;
  /** Inside KakaoTalk's browser, once per tab: tries without asking. Elsewhere resolves at once. */
  signInSilently(): Promise<AuthState>;
  signInWithKakaoToken(token: KakaoNativeToken): Promise<AuthUser>;
  nativeNonce(): Promise<string>;
  /** Finishes a login from the address Kakao (or the gateway) sent the browser to. One promise per code. */
  handleCallback(url?: string): Promise<CallbackResult>;
  /** `null` = signed out. Throws `MunjigiError` when the gateway cannot be asked. */
  getAccessToken(options?: { forceRefresh?: boolean }): Promise<string | null>;
  /** One flight, however many callers. */
  refresh(): Promise<string | null>;
  /** `fetch` with the token; a 401 is answered by one refresh and one retry. */
  fetch: typeof globalThis.fetch;
  updateProfile(change: { nickname: string }): Promise<AuthUser>;
  listSessions(): Promise<DeviceSession[]>;
  revokeSession(id: string): Promise<void>;
  /**
   * `this` and `all` sign out here first, then tell the gateway. Out of reach, it is told later, and the promise resolves all the same; it
   * rejects when nobody would tell it.
   */
  signOut(options?: { scope?: 'this' | 'others' | 'all' }): Promise<SignedOut>;
  /** Leaves the service: the gateway erases the person and unlinks at Kakao. */
  deleteAccount(): Promise<void>;
  dispose(): void;
}
