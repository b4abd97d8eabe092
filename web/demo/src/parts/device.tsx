import type { DeviceSession } from 'munjigi';
import { deviceName } from '../device-name';
import { focusOn } from '../page';
import { t, when } from '../texts';
import { Button } from './button';

export function Device({ session, onSignOut }: { session: DeviceSession; onSignOut: () => Promise<unknown> }) {
  const name = deviceName(session.user_agent) ?? session.user_agent?.slice(0, 60) ?? t.devices.unknown;
  const end = async () => {
    await onSignOut();
    // The button is gone.
    if (!session.current) focusOn('devices-title');
  };
  return (
    <li className="row spread">
      <div className="device">
        <p className="row">
          <strong>{name}</strong>
          {session.current && <span className="badge">{t.devices.current}</span>}
        </p>
        <p className="small quiet">
          {[session.ip, `${t.devices.lastUsed} ${when(session.last_used_at)}`].filter(Boolean).join(' · ')}
        </p>
      </div>
      <Button name="signOutDevice" of={{ id: session.id, label: t.devices.signOut(name) }} onPress={end} />
    </li>
  );
}
