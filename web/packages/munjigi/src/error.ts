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
  readonly code: ErrorCode | ClientErrorCode;

  constructor(code: ErrorCode | ClientErrorCode, message: string, facts: ErrorFacts) {
    super(message);
    this.name = 'MunjigiError';
    this.code = code;
    Object.assign(this, facts);
  }

  get retryable(): boolean {
    return this.action === 'retry';
  }
}

/** An error the gateway did not word. One sentence for all, every page loads it; `munjigi/texts` has one for each code. */
export const ownError = (code: ErrorCode | ClientErrorCode, locale: Locale, action: Action, facts?: Partial<ErrorFacts>): MunjigiError =>
  new MunjigiError(
    code,
    locale === 'en' ? 'That did not work. Try again.' : '처리하지 못했습니다. 다시 시도하세요.',
    { action, ...facts },
  );

type Problem = components['schemas']['Problem'];

/** Of an answer that is not a success. What has no problem+json body was not the gateway speaking. */
export async function errorOf(response: Response, locale: Locale): Promise<MunjigiError> {
  const { status, headers } = response;
  const retryAfter = parseInt(headers.get('Retry-After') as string) || undefined;
  const problem = headers.get('Content-Type')?.includes('problem+json')
    ? ((await response.json().catch(() => null)) as Problem | null)
    : null;
  if (!problem?.error) {
    return ownError('UNEXPECTED_RESPONSE', locale, status < 500 && status !== 429 ? 'none' : 'retry', { status, retryAfter });
  }
  const { error, message, action, hint, type } = problem;
  return new MunjigiError(error, message, {
    action: action as Action,
    status,
    hint,
    type,
    retryAfter,
    requestId: problem.request_id,
    kakaoCode: problem.kakao_code as ErrorFacts['kakaoCode'],
    requiredScopes: problem.required_scopes,
  });
}
