'use client';
export { MunjigiProvider, type MunjigiProviderProps } from './context.js';
export {
  useAccessToken,
  useAuth,
  useMunjigi,
  useSessions,
  useUser,
  type Auth,
  type Sessions,
} from './hooks.js';
export {
  AuthFailed,
  AuthLoading,
  RequireAuth,
  Show,
  SignedIn,
  SignedOut,
  type GateProps,
  type RequireAuthProps,
} from './gates.js';
export { KakaoLoginButton, type KakaoLoginButtonProps } from './login-button.js';
export {
  KakaoCallback,
  useKakaoCallback,
  type KakaoCallbackOptions,
  type KakaoCallbackProps,
  type KakaoCallbackState,
} from './callback.js';
export { UserBadge } from './user-badge.js';
