import { CallApi } from '../actions/call-api';
import callApiSource from '../actions/call-api.tsx?raw';
import { Devices } from '../actions/devices';
import devicesSource from '../actions/devices.tsx?raw';
import { Leave } from '../actions/leave';
import leaveSource from '../actions/leave.tsx?raw';
import { Profile } from '../actions/profile';
import profileSource from '../actions/profile.tsx?raw';
import { Refresh } from '../actions/refresh';
import refreshSource from '../actions/refresh.tsx?raw';
import { SignOutEverywhere } from '../actions/sign-out-everywhere';
import signOutEverywhereSource from '../actions/sign-out-everywhere.tsx?raw';
import { SignOut } from '../actions/sign-out';
import signOutSource from '../actions/sign-out.tsx?raw';
import { commands } from '../curl';
import { mockUrl } from '../page';
import { t } from '../texts';
import { Action } from './action';
import { Answer } from './answer';
import { Codes } from './code';
import { Lifetime } from './lifetime';
import { Token } from './token';

const ACTIONS = [
  { name: 'callApi', Press: CallApi, source: callApiSource },
  { name: 'refresh', Press: Refresh, source: refreshSource },
  { name: 'signOut', Press: SignOut, source: signOutSource },
  { name: 'signOutEverywhere', Press: SignOutEverywhere, source: signOutEverywhereSource },
  { name: 'leave', Press: Leave, source: leaveSource },
] as const;

export const SignedIn = () => (
  <div className="stack sections">
    <section className="panel stack" aria-labelledby="profile-title">
      <h2 id="profile-title">{t.signedIn}</h2>
      <Profile />
      <Codes react={profileSource} curl={commands.profile} />
    </section>

    <section className="stack" aria-labelledby="try-title">
      <h2 id="try-title">{t.try}</h2>
      <Lifetime />
      <div className="action-list">
        {ACTIONS.map(({ name, Press, source }) => (
          <Action key={name} name={name} code={<Codes react={source} curl={commands[name]} isOpen />}>
            <Press />
          </Action>
        ))}
        <Action name="unlink">
          <a className="button" href={`${mockUrl}/__mock/account`}>
            {t.press.unlink}
          </a>
        </Action>
      </div>
    </section>

    <section className="stack" aria-labelledby="devices-title">
      <h2 id="devices-title" tabIndex={-1}>
        {t.devices.title}
      </h2>
      <ul className="plain lines">
        <Devices />
      </ul>
      <Answer of="signOutDevice" />
      <Codes react={devicesSource} curl={commands.devices} />
    </section>

    <Token />
  </div>
);
