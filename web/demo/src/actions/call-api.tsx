import { useAuth } from 'munjigi/react';
import { Button } from '../parts/button';

export function CallApi() {
  const { authFetch } = useAuth();
  const call = () => authFetch('/api/protected');
  return <Button name="callApi" onPress={call} />;
}
