// Checks access tokens where they are used: Next.js route handlers and proxy.ts, Hono, Express, NestJS, workers. It never refreshes.
import {
  createRemoteJWKSet,
  customFetch,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type RemoteJWKSetOptions,
} from 'jose';

export interface VerifierOptions {
  /** The gateway's `PUBLIC_URL`, or its `JWT_ISSUER`. */
  issuer: string;
  /** `JWT_AUDIENCE`. Default `munjigi`. */
  audience?: string;
  /** Default: `{issuer}/.well-known/jwks.json`. */
  jwksUrl?: string;
  fetch?: typeof globalThis.fetch;
}

export interface AccessClaims extends JWTPayload {
  iss: string;
  sub: string;
  iat: number;
  exp: number;
  /** The session, also what `DELETE /api/auth/sessions/{id}` takes. */
  sid: string;
  user_id: string;
  token_type: 'access';
}

export type VerifyErrorCode = 'UNAUTHENTICATED' | 'INVALID_TOKEN' | 'TOKEN_EXPIRED' | 'KEYS_UNAVAILABLE';

export class VerifyError extends Error {
  readonly code: VerifyErrorCode;
  /** 401; 503 when the gateway's keys could not be had, which says nothing about the token. */
  readonly status: 401 | 503;
  /** The gateway's page about the code, where it has one. */
  type?: string | undefined;

  constructor(code: VerifyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VerifyError';
    this.code = code;
    this.status = code === 'KEYS_UNAVAILABLE' ? 503 : 401;
  }

  /** An answer in the gateway's own form. */
  toResponse(): Response {
    const { type, code, status, message } = this;
    const challenge = code === 'UNAUTHENTICATED' ? 'Bearer' : 'Bearer error="invalid_token"';
    const body = { type, title: message, status, error: code };
    return new Response(JSON.stringify(body), {
      status,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        ...(status === 401 && { 'WWW-Authenticate': challenge }),
      },
    });
  }
}

/** A Fetch `Request`, a Node request, or anything else with headers. */
export interface HasHeaders {
  headers: { get(name: string): string | null | undefined } | { authorization?: string | string[] | undefined };
}

export interface Verifier {
  /** Resolves with the claims, rejects with `VerifyError`. */
  token(jwt: string): Promise<AccessClaims>;
  /** The same for `Authorization: Bearer …`. */
  request(request: HasHeaders): Promise<AccessClaims>;
}

/** What the gateway signs with and publishes keys for. `none` and `HS256` are not among them. */
const ALGORITHMS = ['ES256', 'RS256', 'EdDSA'];
/** The gateway publishes a key ten minutes before it signs, so an unknown `kid` is no reason to ask often. */
const COOL_DOWN = 5 * 60_000;
const KEYS_MAX_AGE = 10 * 60_000;
/** Clocks differ; the gateway allows as much. */
const LEEWAY_SECONDS = 30;

const HS256 =
  'This token is signed with HS256, which has no public keys. Set JWT_ALGORITHM=ES256 at the gateway, or ask its POST /oauth/introspect.';

/** All others are about getting the keys. */
const FAULTS_OF_TOKENS = [
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
];

export function createVerifier({ issuer, audience = 'munjigi', jwksUrl, fetch }: VerifierOptions): Verifier {
  const url = new URL(jwksUrl ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks.json`);
  const options: RemoteJWKSetOptions = { cooldownDuration: COOL_DOWN, cacheMaxAge: KEYS_MAX_AGE };
  const keys = createRemoteJWKSet(url, fetch ? { ...options, [customFetch]: fetch } : options);

  async function token(jwt: string): Promise<AccessClaims> {
    try {
      if (algorithmOf(jwt) === 'HS256') throw new VerifyError('INVALID_TOKEN', HS256);
      const { payload } = await jwtVerify<AccessClaims>(jwt, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: LEEWAY_SECONDS,
        requiredClaims: ['sub', 'iat', 'exp', 'sid', 'user_id'],
      });
      // A refresh token is no access token, whatever key it was signed with.
      if (payload.token_type !== 'access') throw new VerifyError('INVALID_TOKEN', 'This is not an access token');
      return payload;
    } catch (error) {
      throw named(refusal(error));
    }
  }

  // `KEYS_UNAVAILABLE` is ours: the gateway never says it.
  function named(error: VerifyError): VerifyError {
    if (error.code !== 'KEYS_UNAVAILABLE') error.type = `${issuer.replace(/\/+$/, '')}/docs/errors/${error.code}`;
    return error;
  }

  return {
    token,
    async request({ headers }) {
      const given = typeof (headers as Headers).get === 'function' ? (headers as Headers).get('authorization') : (headers as { authorization?: unknown }).authorization;
      const bearer = /^Bearer +([^\s]+)$/i.exec(typeof given === 'string' ? given : '');
      if (!bearer) throw named(new VerifyError('UNAUTHENTICATED', 'No access token was sent'));
      return token(bearer[1] as string);
    },
  };
}

function algorithmOf(jwt: string): string | undefined {
  try {
    return decodeProtectedHeader(jwt).alg;
  } catch {
    throw new VerifyError('INVALID_TOKEN', 'This is no JWT');
  }
}

function refusal(error: unknown): VerifyError {
  if (error instanceof VerifyError) return error;
  if (error instanceof errors.JWTExpired) return new VerifyError('TOKEN_EXPIRED', 'The token has expired', { cause: error });
  if (FAULTS_OF_TOKENS.some((kind) => error instanceof kind)) {
    return new VerifyError('INVALID_TOKEN', 'The token is not valid', { cause: error });
  }
  return new VerifyError('KEYS_UNAVAILABLE', "The gateway's keys could not be had", { cause: error });
}
