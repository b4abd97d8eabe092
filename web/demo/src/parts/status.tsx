import { useEffect } from 'react';
import { useAuth } from 'munjigi/react';
import { focusOn } from '../page';
import { useLastPress } from '../press';
import { t } from '../texts';

/** Whether somebody is signed in, in a sentence. Always there, so that changes are read out. */
export function Status() {
  const auth = useAuth();
  const lastPress = useLastPress()?.name;
  const reason = auth.status === 'signed-out' ? auth.reason : undefined;
  useEffect(() => {
    // Whatever had the focus is gone.
    if (reason && reason !== 'initial') focusOn('title');
  }, [reason]);
  const said = reason === 'user' && lastPress === 'leave' ? 'left' : reason;
  return (
    <p className="quiet small" role="status">
      {auth.isLoading ? t.checking : said && t.out[said]}
    </p>
  );
}
