import { useAuth, useSessions } from 'munjigi/react';
import { useAfterRefresh } from '../parts/after-refresh';
import { Device } from '../parts/device';
import { Unread } from '../parts/unread';

export function Devices() {
  const { signOut } = useAuth();
  const { sessions, error, revoke, refetch } =
    useSessions();
  useAfterRefresh(refetch);
  if (error) return <Unread error={error} />;
  return sessions.map((session) => (
    <Device
      key={session.id}
      session={session}
      onSignOut={() =>
        session.current ? signOut() : revoke(session.id)
      }
    />
  ));
}
