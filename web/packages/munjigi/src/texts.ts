// A sentence for every error a login can end with, Korean and English. In flow A only the code comes back from the gateway.
import type { MunjigiError } from './error.js';
import type { Locale } from './types.js';

const AGAIN = ['잠시 후 다시 시도하세요.', 'Try again in a moment.'] as const;

/** Code -> [ko, en]. */
export const TEXTS: { readonly [code: string]: readonly [ko: string, en: string] } = {
  KAKAO_LOGIN_CANCELLED: ['카카오 로그인을 취소했습니다.', 'The Kakao login was cancelled.'],
  KAKAO_INTERACTION_REQUIRED: ['카카오 로그인 또는 동의가 필요합니다.', 'A login or a consent at Kakao is needed.'],
  KAKAO_LOGIN_FAILED: ['카카오 로그인에 실패했습니다. 다시 로그인해 보세요.', 'The Kakao login failed. Log in again.'],
  KAKAO_CODE_USED: [
    '로그인 정보가 이미 사용되었거나 만료되었습니다. 다시 로그인하세요.',
    'This login was used before or has expired. Log in again.',
  ],
  KAKAO_PERSON_REFUSED: ['카카오에서 이 계정의 이용을 허용하지 않았습니다.', 'Kakao does not let this account use the service.'],
  KAKAO_UNDER_AGE: ['14세 미만은 이 서비스를 이용할 수 없습니다.', 'This service is closed to people under 14.'],
  KAKAO_CONSENT_REQUIRED: ['서비스 이용에 필요한 항목에 먼저 동의해야 합니다.', 'You have to agree to an item at Kakao first.'],
  KAKAO_MISCONFIGURED: ['카카오 로그인 설정에 문제가 있어 로그인할 수 없습니다.', 'Logins do not work because of a setting.'],
  KAKAO_UNAVAILABLE: [`카카오 서버가 응답하지 않습니다. ${AGAIN[0]}`, `Kakao is not answering. ${AGAIN[1]}`],
  KAKAO_TOKEN_INVALID: ['카카오 토큰이 유효하지 않습니다. 다시 로그인하세요.', 'The Kakao token is not valid. Log in again.'],
  INVALID_NONCE: [
    '로그인 정보가 이미 사용되었거나 만료되었습니다. 다시 로그인하세요.',
    'This login was used before or has expired. Log in again.',
  ],
  NATIVE_LOGIN_OFF: ['앱 로그인이 설정되지 않았습니다.', 'Logins from apps are not set up.'],
  LOGIN_STATE_INVALID: [
    '로그인이 시작된 브라우저에서만 로그인을 마칠 수 있습니다. 처음부터 다시 로그인하세요.',
    'A login can only be finished in the browser that began it. Start the login again.',
  ],
  USE_NAVIGATION: ['이 주소는 이동(location.assign)으로 여세요.', 'Open this address by navigation (location.assign).'],
  INVALID_RETURN_URL: ['돌아갈 주소가 허용되지 않았습니다.', 'The return address is not allowed.'],
  INVALID_REDIRECT_URI: ['redirect_uri가 등록되지 않았습니다.', 'The redirect_uri is not registered.'],
  INVALID_REQUEST: ['요청 형식이 올바르지 않습니다.', 'The request is malformed.'],
  PAYLOAD_TOO_LARGE: ['요청이 너무 큽니다.', 'The request is too large.'],
  UNSUPPORTED_MEDIA_TYPE: ['지원하지 않는 형식입니다.', 'This content type is not supported.'],
  CSRF_REFUSED: ['허용되지 않은 출처의 요청입니다.', 'The request came from an origin that is not allowed.'],
  RATE_LIMIT_EXCEEDED: [`요청이 너무 많습니다. ${AGAIN[0]}`, `Too many requests. ${AGAIN[1]}`],
  REQUEST_TIMEOUT: [`처리가 너무 오래 걸립니다. ${AGAIN[0]}`, `This takes too long. ${AGAIN[1]}`],
  STORAGE_UNAVAILABLE: [`지금은 처리할 수 없습니다. ${AGAIN[0]}`, `This cannot be done right now. ${AGAIN[1]}`],
  INTERNAL_ERROR: ['서버에 문제가 생겼습니다.', 'Something went wrong on our side.'],
  NETWORK_ERROR: [`서버에 연결할 수 없습니다. ${AGAIN[0]}`, `The server cannot be reached. ${AGAIN[1]}`],
  TIMEOUT: [`서버가 응답하지 않습니다. ${AGAIN[0]}`, `The server does not answer. ${AGAIN[1]}`],
  UNEXPECTED_RESPONSE: [`서버의 응답을 이해할 수 없습니다. ${AGAIN[0]}`, `The server's answer makes no sense. ${AGAIN[1]}`],
  STORAGE_FAILED: [
    '이 브라우저가 로그인 정보를 저장하지 못하게 합니다. 설정을 확인하세요.',
    'This browser does not let the login be stored. Check its settings.',
  ],
};

const OTHER = ['로그인하지 못했습니다. 다시 로그인해 보세요.', 'The login did not work. Log in again.'] as const;

/** What to show a visitor: the gateway's own words when it spoke, else a sentence of this package. */
export function errorText(error: Pick<MunjigiError, 'code' | 'message' | 'type'>, locale: Locale = 'ko'): string {
  if (error.type) return error.message;
  const known = Object.hasOwn(TEXTS, error.code) ? TEXTS[error.code] : undefined;
  return (known ?? OTHER)[locale === 'en' ? 1 : 0];
}
