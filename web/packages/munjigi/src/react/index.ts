'use client';
export { MunjigiProvider, type MunjigiProviderProps } from './context.js';
export {
  useAccessToken,
  useAuth,
  useMunjigi,
  useUser,
  type Auth,
} from './hooks.js';
export {
  AuthFailed,
  AuthLoading,
  Show,
  SignedIn,
  SignedOut,
  type GateProps,
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
export { RequireAuth, type RequireAuthProps } from './require-auth.js';
export { useSessions, type Sessions } from './sessions.js';
