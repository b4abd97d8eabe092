import { useEffect, useState } from 'react';
import { AuthFailed, KakaoCallback, KakaoLoginButton, SignedIn, SignedOut, useAuth, useMunjigi } from 'munjigi/react';

/** How often the login reported success on this page. */
let successes = 0;

export function Shop({ api }: { api: string }) {
  const [told, tell] = useState('');
  const { retry } = useAuth();
  return (
    <main>
      <h1>A shop</h1>
      <KakaoCallback
        onSuccess={({ user, isNewUser, returnTo }) => {
          if (user && location.pathname === '/callback') {
            successes += 1;
            tell(`successes ${successes}, new ${isNewUser}, from ${returnTo}`);
          }
        }}
      />
      <p role="status">{told}</p>
      <Session />
      <Events />
      <SignedOut>
        <KakaoLoginButton {...(location.pathname === '/link' && { as: 'link' })} />
      </SignedOut>
      <AuthFailed>
        <button type="button" onClick={retry}>
          Retry
        </button>
      </AuthFailed>
      <SignedIn>
        <Actions api={api} tell={tell} />
      </SignedIn>
    </main>
  );
}

function Session() {
  const auth = useAuth();
  const rows = {
    status: auth.status,
    reason: auth.status === 'signed-out' ? auth.reason : '',
    name: auth.user?.nickname,
    username: auth.user?.username,
    session: auth.status === 'signed-in' ? auth.sessionId : '',
    code: auth.error?.code,
    hint: auth.error?.hint,
  };
  const known = Object.entries(rows).filter(([, value]) => value);
  return (
    <dl id="session">
      {known.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What happened on this page, in order. */
function Events() {
  const auth = useMunjigi();
  const [events, setEvents] = useState<string[]>([]);
  useEffect(() => auth.on((event) => setEvents((before) => [...before, event.type])), [auth]);
  return (
    <ol id="events">
      {events.map((event, index) => (
        <li key={index}>{event}</li>
      ))}
    </ol>
  );
}

function Actions({ api, tell }: { api: string; tell: (text: string) => void }) {
  const auth = useMunjigi();
  const run = (work: () => Promise<unknown>) => () => {
    tell('…');
    work().then(
      (result) => tell(`done: ${JSON.stringify(result ?? null)}`),
      (error) => tell(`failed: ${error.code ?? error}`),
    );
  };
  const post = async (number: number) => {
    const answer = await auth.fetch(api, { method: 'POST', body: `order ${number}` });
    return `${answer.status} ${((await answer.json()) as { body?: string }).body}`;
  };
  const actions: [string, () => Promise<unknown>][] = [
    ['Refresh', async () => ((await auth.refresh()) ? 'token' : 'nobody')],
    ['20 orders', () => Promise.all(Array.from({ length: 20 }, (_, index) => post(index + 1)))],
    ['Devices', async () => (await auth.listSessions()).length],
    ['Sign out', () => auth.signOut()],
    ['Sign out everywhere', () => auth.signOut({ scope: 'all' })],
    ['Other person', async () => auth.signIn({ prompt: 'select_account' })],
  ];
  return (
    <p>
      {actions.map(([name, work]) => (
        <button key={name} type="button" onClick={run(work)}>
          {name}
        </button>
      ))}
    </p>
  );
}
