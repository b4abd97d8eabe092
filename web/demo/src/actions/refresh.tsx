import { useAuth } from 'munjigi/react';
import { Button } from '../parts/button';

export function Refresh() {
  const { getAccessToken } = useAuth();
  const refresh = () => getAccessToken({ forceRefresh: true });
  return <Button name="refresh" onPress={refresh} />;
}
