'use client';
import { useMemo, useSyncExternalStore } from 'react';
import type { AuthState, AuthUser, Munjigi } from '../index.js';
import { useProvided } from './context.js';

/** The client itself. */
export const useMunjigi = (): Munjigi => useProvided().auth;

/** Renders again when what is picked is another one. */
function usePicked<T>(pick: (state: AuthState) => T): T {
  const { subscribe, getState, getInitialState } = useMunjigi();
  return useSyncExternalStore(
    subscribe,
    () => pick(getState()),
    () => pick(getInitialState()),
  );
}

export const useAuthState = (): AuthState => usePicked((state) => state);

export type Auth = AuthState & {
  isLoading: boolean;
  /** Somebody is known to be signed in, also while the gateway cannot be reached. */
  isSignedIn: boolean;
  signIn: Munjigi['signIn'];
  signOut: Munjigi['signOut'];
  /** Asks again, after an error. */
  retry: () => void;
  getAccessToken: Munjigi['getAccessToken'];
  authFetch: Munjigi['fetch'];
};

export function useAuth(): Auth {
  const auth = useMunjigi();
  const state = useAuthState();
  return useMemo(
    () => ({
      ...state,
      isLoading: state.status === 'loading',
      isSignedIn: !!state.user,
      signIn: auth.signIn,
      signOut: auth.signOut,
      retry: () => void auth.refresh().catch(() => {}),
      getAccessToken: auth.getAccessToken,
      authFetch: auth.fetch,
    }),
    [auth, state],
  );
}

/** Renders again when the person changes, not when the token does. */
export const useUser = (): AuthUser | null => usePicked(({ user }) => user);

/** The same function on every render. */
export const useAccessToken = (): (() => Promise<string | null>) => useMunjigi().getAccessToken;
