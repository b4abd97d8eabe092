// munjigi: Kakao login through a munjigi gateway, without a framework.
export { createMunjigi } from './client.js';
export { MunjigiError, type Action, type ClientErrorCode, type ErrorFacts } from './error.js';
export type {
  AuthEvent,
  AuthState,
  AuthUser,
  Awaitable,
  CallbackResult,
  DeviceSession,
  ErrorCode,
  KakaoNativeToken,
  Locale,
  Munjigi,
  MunjigiOptions,
  SessionSnapshot,
  SignedOut,
  SignInOptions,
  SignOutReason,
  TokenStorage,
} from './types.js';
