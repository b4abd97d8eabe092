'use client';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { AuthState, AuthUser, DeviceSession, Munjigi, MunjigiError } from '../index.js';
import { useProvided } from './context.js';

/** The client itself. */
export const useMunjigi = (): Munjigi => useProvided().auth;

export const useAuthState = (): AuthState => {
  const { subscribe, getState, getInitialState } = useMunjigi();
  return useSyncExternalStore(subscribe, getState, getInitialState);
};

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
export function useUser(): AuthUser | null {
  const { subscribe, getState, getInitialState } = useMunjigi();
  return useSyncExternalStore(
    subscribe,
    () => getState().user,
    () => getInitialState().user,
  );
}

/** The same function on every render. */
export const useAccessToken = (): (() => Promise<string | null>) => useMunjigi().getAccessToken;

export interface Sessions {
  sessions: DeviceSession[];
  isLoading: boolean;
  error: MunjigiError | null;
  revoke: (id: string) => Promise<void>;
  refetch: () => Promise<void>;
}

/** The devices of whoever is signed in. */
export function useSessions(): Sessions {
  const auth = useMunjigi();
  const userId = useUser()?.id;
  const [{ of, sessions, error }, set] = useState<{ of?: string | undefined; sessions: DeviceSession[]; error: MunjigiError | null }>({
    sessions: [],
    error: null,
  });
  const refetch = useCallback(async () => {
    const answer = await auth.listSessions().then(
      (sessions) => ({ sessions, error: null }),
      (error: MunjigiError) => ({ sessions: [], error }),
    );
    // Of somebody who is gone by now: not to be shown to the next.
    if (auth.getState().user?.id === userId) set({ of: userId, ...answer });
  }, [auth, userId]);
  const revoke = useCallback(
    async (id: string) => {
      await auth.revokeSession(id);
      await refetch();
    },
    [auth, refetch],
  );
  useEffect(() => {
    if (userId) void refetch();
  }, [userId, refetch]);
  const isTheirs = !!userId && of === userId;
  return { sessions: isTheirs ? sessions : [], isLoading: !!userId && !isTheirs, error: isTheirs ? error : null, revoke, refetch };
}
