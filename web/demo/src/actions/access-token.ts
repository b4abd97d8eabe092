import { useEffect, useState } from 'react';
import { useAccessToken, useAuth } from 'munjigi/react';

/** The access token; after every refresh the new one. */
export function useCurrentToken() {
  const auth = useAuth();
  const getAccessToken = useAccessToken();
  const [token, setToken] = useState('');
  const expiresAt = auth.status === 'signed-in' && auth.expiresAt;
  useEffect(() => {
    let isLatest = true;
    getAccessToken().then(
      (token) => isLatest && setToken(token ?? ''),
      () => {}, // the gateway is away: the last one stays
    );
    return () => void (isLatest = false);
  }, [getAccessToken, expiresAt]);
  return token;
}
