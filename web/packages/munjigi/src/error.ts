// One class for everything that can go wrong, and how answers become one.
import type { components } from './schema.js';
import type { ErrorCode, Locale } from './types.js';

/** Codes of the package's own, for what never reached the gateway or came back unreadable. */
export type ClientErrorCode =
  | 'NETWORK_ERROR'
  | 'TIMEOUT'
  | 'UNEXPECTED_RESPONSE'
  | 'NO_PROVIDER'
  | 'STORAGE_FAILED';

export type Action = 'login' | 'retry' | 'fix_config' | 'none';

/** Everything of an error but its code and message. */
export interface ErrorFacts {
  action: Action;
  status?: number | undefined;
  hint?: string | undefined;
  requestId?: string | undefined;
  kakaoCode?: `KOE${string}` | `-${number}` | undefined;
  type?: string | undefined;
  requiredScopes?: readonly string[] | undefined;
  /** Seconds the gateway asked to wait. */
  retryAfter?: number | undefined;
}

export interface MunjigiError extends ErrorFacts {}
/** `message` may be shown to a visitor as it is. */
export class MunjigiError extends Error {
  declare readonly code: ErrorCode | ClientErrorCode;

  constructor(code: ErrorCode | ClientErrorCode, message: string, facts: ErrorFacts) {
    super(message);
    Object.assign(this, { name: 'MunjigiError', code }, facts);
  }

  get retryable(): boolean {
    return this.action === 'retry';
  }
}

/** Makes an error the gateway did not word. */
export type Fail = (code: ErrorCode | ClientErrorCode, action: Action, facts?: Partial<ErrorFacts>) => MunjigiError;

/** One sentence for all, because every page loads it; `munjigi/texts` has one for each code. */
export const makeFail =
  (locale: Locale): Fail =>
  (code, action, facts) =>
    new MunjigiError(code, locale === 'en' ? 'That did not work. Try again.' : '처리하지 못했습니다. 다시 시도하세요.', {
      action,
      ...facts,
    });

type Problem = components['schemas']['Problem'];

/** Of an answer that is not a success. What has no problem+json body was not the gateway speaking. */
export async function errorOf(response: Response, fail: Fail): Promise<MunjigiError> {
  const { status, headers } = response;
  const isOurs = /problem\+json/.test(headers.get('Content-Type') as string);
  const problem: Partial<Problem> | null = isOurs ? await response.json().catch(() => null) : null;
  const { error, message, action, hint, type, request_id: requestId, kakao_code, required_scopes: requiredScopes } = problem ?? {};
  const facts = {
    status,
    hint,
    type,
    requestId,
    kakaoCode: kakao_code as ErrorFacts['kakaoCode'],
    requiredScopes,
    retryAfter: parseInt(headers.get('Retry-After') as string) || undefined,
  };
  return error
    ? new MunjigiError(error, message as string, { ...facts, action: action as Action })
    : fail('UNEXPECTED_RESPONSE', status < 500 && status !== 429 ? 'none' : 'retry', facts);
}
