import { useAuth } from 'munjigi/react';
import { Button } from '../parts/button';

export function SignOut() {
  const { signOut } = useAuth();
  return <Button name="signOut" onPress={() => signOut()} />;
}
