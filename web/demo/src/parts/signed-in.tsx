import { CallApi } from '../actions/call-api';
import callApiSource from '../actions/call-api.tsx?raw';
import { Devices } from '../actions/devices';
import devicesSource from '../actions/devices.tsx?raw';
import { Leave } from '../actions/leave';
import leaveSource from '../actions/leave.tsx?raw';
import { Refresh } from '../actions/refresh';
import refreshSource from '../actions/refresh.tsx?raw';
import { SignOutEverywhere } from '../actions/sign-out-everywhere';
import signOutEverywhereSource from '../actions/sign-out-everywhere.tsx?raw';
import { SignOut } from '../actions/sign-out';
import signOutSource from '../actions/sign-out.tsx?raw';
import type { AuthUser } from 'munjigi';
import { commands } from '../curl';
import { mockUrl } from '../page';
import { t } from '../texts';
import { Action } from './action';
import { Answer } from './answer';
import { Code } from './code';
import { Lifetime } from './lifetime';
import { Profile } from './profile';
import { Token } from './token';

const ACTIONS = [
  { name: 'callApi', Press: CallApi, source: callApiSource },
  { name: 'refresh', Press: Refresh, source: refreshSource },
  { name: 'signOut', Press: SignOut, source: signOutSource },
  { name: 'signOutEverywhere', Press: SignOutEverywhere, source: signOutEverywhereSource },
  { name: 'leave', Press: Leave, source: leaveSource },
] as const;

export const SignedIn = ({ user }: { user: AuthUser }) => (
  <div className="stack sections">
    <Profile user={user} key={user.id} />

    <section className="stack" aria-labelledby="try-title">
      <h2 id="try-title">{t.try}</h2>
      <Lifetime />
      <div className="action-list">
        {ACTIONS.map(({ name, Press, source }) => (
          <Action
            key={name}
            name={name}
            about={t.about[name]}
            codes={[
              { title: 'React', text: source, isOpen: true },
              { title: 'curl', text: commands[name] },
            ]}
          >
            <Press />
          </Action>
        ))}
        <Action name="unlink" about={t.about.unlink}>
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
      <Answer of={['signOutDevice']} />
      <div className="small">
        <Code title="React" text={devicesSource} />
        <Code title="curl" text={commands.devices} />
      </div>
    </section>

    <Token />
  </div>
);
