'use client';
import { useEffect, useState } from 'react';
import { here, read } from '../address.js';
import type { GateProps } from './gates.js';
import { useAuthState, useMunjigi } from './hooks.js';
import { KakaoLoginButton } from './login-button.js';

export interface RequireAuthProps extends GateProps {
  /** Where people who are not signed in go: an address, or `true` for straight to Kakao. Without it they see `fallback`. */
  redirect?: string | true;
}

/** Children for people who are signed in; for others the login button, `fallback`, or a way elsewhere. */
export function RequireAuth({ redirect, fallback = <KakaoLoginButton />, children }: RequireAuthProps) {
  const { signIn } = useMunjigi();
  const state = useAuthState();
  const isOut = state.status === 'signed-out';
  // Asked at the first render: whoever shows what became of a login cleans the address after it.
  const [cameBack] = useState(() => !!here() && !!read(here() as string).answer);
  // Straight back to Kakao after a sign-out would sign in again, and after a failed login fail again.
  const isWanted = isOut && state.reason !== 'user' && state.reason !== 'other-tab';
  const goes = !cameBack && (typeof redirect === 'string' ? isOut : redirect && isWanted);
  useEffect(() => {
    if (!goes) return;
    if (typeof redirect === 'string') location.assign(redirect);
    else signIn();
  }, [goes, redirect, signIn]);
  return <>{state.user ? children : state.status === 'loading' || goes ? null : fallback}</>;
}
