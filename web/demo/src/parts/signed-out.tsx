import { useEffect } from 'react';
import { useAuth } from 'munjigi/react';
import providerSource from '../actions/provider.tsx?raw';
import { SignIn } from '../actions/sign-in';
import signInSource from '../actions/sign-in.tsx?raw';
import { link } from '../curl';
import { focusOn } from '../page';
import { useLastPress } from '../press';
import { t } from '../texts';
import { Answer } from './answer';
import { Code } from './code';

const PARTING = ['signOut', 'signOutEverywhere', 'signOutDevice', 'leave'];

/** Begins as what the server rendered, so that nothing moves. */
export function SignedOut() {
  const auth = useAuth();
  const lastPress = useLastPress()?.name;
  const reason = auth.status === 'signed-out' ? auth.reason : undefined;
  useEffect(() => {
    // Whatever had the focus is gone.
    if (reason && reason !== 'initial') focusOn('title');
  }, [reason]);
  const said = reason === 'user' && lastPress === 'leave' ? 'left' : reason;
  return (
    <div className="action starting">
      <div className="action-press">
        <p>
          <SignIn />
        </p>
        <p className="quiet small" role="status">
          {auth.isLoading ? t.checking : said && t.out[said]}
        </p>
      </div>
      <div className="action-code small">
        <Code title="React" text={signInSource} isOpen />
        <Code title="MunjigiProvider" text={providerSource} />
        <Code title="HTML" text={link} />
      </div>
      <Answer of={PARTING} />
    </div>
  );
}
