'use client';
import type { ReactNode } from 'react';
import type { AuthState } from '../index.js';
import { useAuthState } from './hooks.js';

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
