'use client';
import { useEffect, type ReactNode } from 'react';
import { read } from '../address.js';
import type { AuthState } from '../index.js';
import { KakaoLoginButton } from './login-button.js';
import { useAuthState, useMunjigi } from './hooks.js';

export interface GateProps {
  children?: ReactNode;
  fallback?: ReactNode;
}

/**
 * Whoever was known stays signed in on the screen while the gateway is away, so that no form is lost; and whoever was not gets
 * the login button even then.
 */
export const isShown = ({ status, user }: AuthState, when: AuthState['status']): boolean =>
  when === 'signed-in' ? !!user : when === 'signed-out' ? !user && status !== 'loading' : status === when;

export function Show({ when, children, fallback }: GateProps & { when: AuthState['status'] }) {
  return <>{isShown(useAuthState(), when) ? children : fallback}</>;
}

export const SignedIn = (props: GateProps) => <Show {...props} when="signed-in" />;
export const SignedOut = (props: GateProps) => <Show {...props} when="signed-out" />;
export const AuthLoading = (props: GateProps) => <Show {...props} when="loading" />;
export const AuthFailed = (props: GateProps) => <Show {...props} when="error" />;

export interface RequireAuthProps extends GateProps {
  /** Where people who are not signed in go: an address, or `true` for straight to Kakao. Without it they see `fallback`. */
  redirect?: string | true;
}

/** Children for people who are signed in; for others the login button, `fallback`, or a way elsewhere. */
export function RequireAuth({ redirect, fallback = <KakaoLoginButton />, children }: RequireAuthProps) {
  const { signIn } = useMunjigi();
  const state = useAuthState();
  const isOut = state.status === 'signed-out';
  // Straight back to Kakao after a sign-out would sign in again, and after a failed login fail again.
  const isWanted = isOut && state.reason !== 'user' && state.reason !== 'other-tab';
  const goes = typeof redirect === 'string' ? isOut : redirect && isWanted;
  useEffect(() => {
    if (!goes || read(location.href).answer) return;
    if (typeof redirect === 'string') location.assign(redirect);
    else signIn();
  }, [goes, redirect, signIn]);
  return <>{state.user ? children : state.status === 'loading' || goes ? null : fallback}</>;
}
