'use client';
import { useCallback, useEffect, useState } from 'react';
import type { DeviceSession, MunjigiError } from '../index.js';
import { useMunjigi, useUser } from './hooks.js';

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
