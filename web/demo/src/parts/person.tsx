import { Fragment, useState } from 'react';
import type { AuthUser } from 'munjigi';
import { t, when } from '../texts';

export function Person({ user }: { user: AuthUser }) {
  const [isNew] = useState(() => Date.now() - Date.parse(user.created_at) < 60_000);
  const facts = [
    [t.person.id, user.id],
    [t.person.username, user.username],
    [t.person.isNew, isNew ? t.person.yes : t.person.no],
    [t.person.since, when(user.created_at)],
  ];
  return (
    <>
      <div className="person">
        <Picture user={user} key={user.profile_image} />
        <div>
          <p className="name">{user.nickname ?? t.person.noName}</p>
          <p>{user.email ? <Email of={user} /> : t.person.noEmail}</p>
        </div>
      </div>
      <dl className="facts small">
        {facts.map(([term, fact]) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </Fragment>
        ))}
      </dl>
      {user.next_action && (
        <p>
          {t.person.notAgreed(user.next_action.scope.join(', '))} <a href={backHere(user.next_action.url)}>{t.person.agree}</a>
        </p>
      )}
    </>
  );
}

function Picture({ user }: { user: AuthUser }) {
  const [isMissing, setMissing] = useState(false);
  const [initial = '·'] = user.nickname || user.username;
  return (
    <div className="picture" aria-hidden="true">
      {user.profile_image && !isMissing ? (
        <img src={user.profile_image} alt="" referrerPolicy="no-referrer" onError={() => setMissing(true)} />
      ) : (
        initial.toUpperCase()
      )}
    </div>
  );
}

const Email = ({ of: user }: { of: AuthUser }) => (
  <>
    {user.email} <span className="badge">{user.email_verified ? `✓ ${t.person.verified}` : t.person.unverified}</span>
  </>
);

/** Kakao's consent page, and then this one again. */
function backHere(address: string): string {
  const url = new URL(address, location.href);
  url.searchParams.set('return_to', location.href);
  return url.href;
}
