// A gateway in memory, for the tests of apps: no process, no network, no Kakao. It answers what the real one answers to a browser.
import type { AuthUser, DeviceSession, ErrorCode } from '../types.js';
import type { components } from '../schema.js';

export interface FakeGatewayOptions {
  /** Default `http://gateway.test`. */
  baseUrl?: string;
  /** Who comes back from Kakao. Default: `fakeUser()`. */
  user?: AuthUser;
  /** Seconds. Default 900. */
  accessLifetime?: number;
}

/** One request as it arrived. */
export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

export type Fault = Response | 'network' | ((received: Received) => Response | Promise<Response>);

export interface FakeGateway {
  baseUrl: string;
  /** Give it to `createMunjigi({ fetch })`. Every client that gets it shares one cookie jar, as tabs do. */
  fetch: typeof globalThis.fetch;
  /** Everything that was asked, oldest first. */
  received: Received[];
  /** How often `POST /api/auth/refresh` was asked, or any other. */
  count(route: string): number;
  /** The next request of that route, `POST /api/auth/refresh`, fails like this; queued. */
  next(route: string, ...faults: Fault[]): void;
  /** Somebody comes back from Kakao: from now on the cookie jar holds a session (flow A). */
  signIn(user?: AuthUser): void;
  /** Ends the session at the gateway, as another device would. */
  revoke(): void;
  /** Forgets the cookie, as a browser would. */
  clearCookies(): void;
  /** What Kakao would send the browser back to, for the `login_url` of flow B. */
  consent(loginUrl: string, user?: AuthUser): string;
  /** A problem answer of that code. */
  problem(code: ErrorCode, status?: number, headers?: Record<string, string>): Response;
}

type TokenAnswer = components['schemas']['TokenResponse'];

interface FakeSession {
  sid: string;
  user: AuthUser;
  isNew: boolean;
  generation: number;
  isRevoked: boolean;
  createdAt: string;
}

let people = 0;

export function fakeUser(changes: Partial<AuthUser> = {}): AuthUser {
  people += 1;
  const at = '2026-11-21T03:50:00.123Z';
  return {
    id: `019aa2f0-7c00-7b1e-9c6d-${String(people).padStart(12, '0')}`,
    username: `kakao_${4_000_000_000 + people}`,
    nickname: '김문지',
    email: 'minji@example.com',
    email_verified: true,
    profile_image: 'https://k.kakaocdn.net/dn/profile/img_640x640.jpg',
    is_social_user: true,
    social_provider: 'kakao',
    created_at: at,
    updated_at: at,
    needs_agreement: [],
    next_action: null,
    private_fields: null,
    ...changes,
  };
}

const base64url = (value: object) => btoa(JSON.stringify(value)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

export function createFakeGateway(options: FakeGatewayOptions = {}): FakeGateway {
  const baseUrl = options.baseUrl ?? 'http://gateway.test';
  const lifetime = options.accessLifetime ?? 900;
  const received: Received[] = [];
  const faults = new Map<string, Fault[]>();
  const sessions = new Map<string, FakeSession>();
  const logins = new Map<string, { challenge: string | null; user: AuthUser; redirectUri: string; session?: FakeSession }>();
  const nonces = new Set<string>();
  const knownUsers = new Set<string>();
  let cookie: string | null = null;
  let serial = 0;

  const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

  const problem: FakeGateway['problem'] = (code, status = 400, headers = {}) =>
    new Response(
      JSON.stringify({
        type: `${baseUrl}/docs/errors/${code}`,
        title: code,
        status,
        error: code,
        message: `${code}.`,
        hint: '',
        action: status >= 500 || status === 429 ? 'retry' : 'login',
        request_id: `req-${received.length}`,
      }),
      { status, headers: { 'Content-Type': 'application/problem+json', ...headers } },
    );

  function begin(user: AuthUser): FakeSession {
    serial += 1;
    const session: FakeSession = {
      sid: `sid-${serial}`,
      user,
      isNew: !knownUsers.has(user.id),
      generation: 1,
      isRevoked: false,
      createdAt: new Date().toISOString(),
    };
    knownUsers.add(user.id);
    sessions.set(session.sid, session);
    return session;
  }

  const refreshTokenOf = ({ sid, generation }: FakeSession) => `refresh.${sid}.${generation}`;

  function tokens(session: FakeSession, inCookie: boolean, isNew = false): Response {
    serial += 1;
    // Not signed: only a real verifier would mind.
    const iat = Math.floor(Date.now() / 1000) + serial / 1000;
    const claims = { iss: baseUrl, aud: 'munjigi', sub: session.user.id, user_id: session.user.id, sid: session.sid, iat, exp: iat + lifetime, jti: `${serial}`, token_type: 'access' };
    const refresh = refreshTokenOf(session);
    if (inCookie) cookie = refresh;
    const answer: TokenAnswer = {
      access_token: `${base64url({ alg: 'ES256', typ: 'JWT' })}.${base64url(claims)}.fake`,
      token_type: 'Bearer',
      expires_in: lifetime,
      is_new_user: isNew,
      user: session.user,
      ...(!inCookie && { refresh_token: refresh }),
    };
    return json(answer);
  }

  function bearer(headers: Headers): FakeSession | null {
    const payload = headers.get('Authorization')?.split('.')[1];
    if (!payload) return null;
    const { sid } = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as { sid: string };
    const session = sessions.get(sid);
    return session && !session.isRevoked ? session : null;
  }

  const ofRefresh = (token: string | null | undefined) => sessions.get(token?.split('.')[1] ?? '');

  const refresh = ({ headers, body }: Received) => {
    const fromBody = (body as { refresh_token?: string } | null)?.refresh_token;
    const given = fromBody ?? cookie;
    if (!given) return new Response(null, { status: 204 });
    const session = ofRefresh(given);
    if (!session) return problem('INVALID_REFRESH_TOKEN', 400);
    if (session.isRevoked) return problem('SESSION_REVOKED', 401);
    session.generation += 1;
    return tokens(session, !fromBody || headers.has('X-Munjigi-Cookie'));
  };

  const logout = ({ headers, body }: Received) => {
    const asked = body as { scope?: string; refresh_token?: string } | null;
    const session = bearer(headers) ?? ofRefresh(asked?.refresh_token ?? cookie);
    for (const other of sessions.values()) {
      const isThis = other === session;
      const isTheirs = other.user.id === session?.user.id;
      if (asked?.scope === 'all' ? isTheirs : asked?.scope === 'others' ? isTheirs && !isThis : isThis) other.isRevoked = true;
    }
    if (asked?.scope !== 'others') cookie = null;
    return json({ kakao_logout_url: null });
  };

  const loginUrl = ({ query }: Received) => {
    serial += 1;
    const state = `state-${serial}`;
    const redirectUri = query.get('redirect_uri') ?? '';
    logins.set(state, { challenge: query.get('code_challenge'), user: options.user ?? fakeUser(), redirectUri });
    return json({ login_url: `${baseUrl}/kakao?state=${state}`, state, expires_in: 600 });
  };

  const finish = async ({ headers, body }: Received) => {
    const { code, state, code_verifier } = body as { code: string; state: string; code_verifier?: string };
    const login = logins.get(state);
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(code_verifier ?? ''));
    const challenge = btoa(String.fromCharCode(...new Uint8Array(hash))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
    if (!login || challenge !== login.challenge) return problem('LOGIN_STATE_INVALID');
    if (code !== `code-of-${state}`) return problem('KAKAO_CODE_USED');
    const session = (login.session ??= begin(login.user));
    return tokens(session, headers.has('X-Munjigi-Cookie'), session.isNew);
  };

  const native = ({ headers, body }: Received) => {
    const { nonce } = body as { nonce?: string };
    if (nonce && !nonces.delete(nonce)) return problem('INVALID_NONCE', 401);
    const session = begin(options.user ?? fakeUser());
    return tokens(session, headers.has('X-Munjigi-Cookie'), session.isNew);
  };

  const nonce = () => {
    serial += 1;
    nonces.add(`nonce-${serial}`);
    return json({ nonce: `nonce-${serial}`, expires_in: 600 });
  };

  const signedIn = (answer: (session: FakeSession, received: Received) => Response) => (request: Received) => {
    const session = bearer(request.headers);
    if (!session) return problem(request.headers.has('Authorization') ? 'INVALID_TOKEN' : 'UNAUTHENTICATED', 401);
    return answer(session, request);
  };

  const device = (session: FakeSession, current: boolean): DeviceSession => ({
    id: session.sid,
    current,
    user_agent: 'fake',
    ip: '203.0.113.7',
    created_at: session.createdAt,
    last_used_at: session.createdAt,
    expires_at: session.createdAt,
    ends_at: session.createdAt,
  });

  const routes: Record<string, (request: Received) => Response | Promise<Response>> = {
    'POST /api/auth/refresh': refresh,
    'POST /api/auth/logout': logout,
    'GET /api/auth/kakao/login-url': loginUrl,
    'POST /api/auth/kakao/callback': finish,
    'POST /api/auth/kakao/token': native,
    'POST /api/auth/kakao/nonce': nonce,
    'GET /api/auth/profile': signedIn(({ user }) => json(user)),
    'PATCH /api/auth/profile': signedIn((session, { body }) => {
      session.user = { ...session.user, ...(body as { nickname: string }) };
      return json(session.user);
    }),
    'DELETE /api/auth/profile': signedIn((session) => {
      session.isRevoked = true;
      cookie = null;
      return new Response(null, { status: 204 });
    }),
    'GET /api/auth/sessions': signedIn((session) =>
      json([...sessions.values()].filter((one) => one.user.id === session.user.id && !one.isRevoked).map((one) => device(one, one === session))),
    ),
    'DELETE /api/auth/sessions/{id}': signedIn((session, { path }) => {
      const other = sessions.get(path.split('/').at(-1) ?? '');
      if (!other || other.user.id !== session.user.id) return problem('SESSION_NOT_FOUND', 404);
      other.isRevoked = true;
      return new Response(null, { status: 204 });
    }),
    'GET /api/protected': signedIn(({ user }) => json({ message: '안녕하세요!', user_id: user.id })),
    'POST /api/echo': signedIn((_, { body }) => json(body)),
  };

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const text = await request.text();
    const one: Received = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text ? (JSON.parse(text) as unknown) : null,
    };
    received.push(one);
    const route = `${one.method} ${one.path.replace(/^(\/api\/auth\/sessions)\/.*/, '$1/{id}')}`;
    const fault = faults.get(route)?.shift();
    if (fault === 'network') throw new TypeError('fetch failed');
    // A browser does not wait for an answer nobody wants any more.
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => reject(request.signal.reason);
      if (request.signal.aborted) abort();
      request.signal.addEventListener('abort', abort);
    });
    const answer = fault ? (typeof fault === 'function' ? fault(one) : fault) : (routes[route]?.(one) ?? problem('NOT_FOUND', 404));
    return Promise.race([answer, aborted]);
  };

  return {
    baseUrl,
    fetch,
    received,
    count: (route) => received.filter(({ method, path }) => `${method} ${path}` === route).length,
    next(route, ...more) {
      faults.set(route, [...(faults.get(route) ?? []), ...more]);
    },
    signIn(user = options.user ?? fakeUser()) {
      cookie = refreshTokenOf(begin(user));
    },
    revoke() {
      for (const session of sessions.values()) session.isRevoked = true;
    },
    clearCookies() {
      cookie = null;
    },
    consent(url, user) {
      const state = new URL(url).searchParams.get('state') ?? '';
      const login = logins.get(state);
      if (!login) throw new Error('This login_url is not of this gateway');
      if (user) login.user = user;
      const back = new URL(login.redirectUri);
      back.searchParams.set('code', `code-of-${state}`);
      back.searchParams.set('state', state);
      return back.href;
    },
    problem,
  };
}
