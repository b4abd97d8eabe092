import { useAuth } from 'munjigi/react';
import { Button } from '../parts/button';

export function SignOutEverywhere() {
  const { signOut } = useAuth();
  const all = () => signOut({ scope: 'all' });
  return <Button name="signOutEverywhere" onPress={all} />;
}
