import { useAuth, useKakaoCallback } from 'munjigi/react';
import { SignedIn } from './parts/signed-in';
import { SignedOut } from './parts/signed-out';
import { Status } from './parts/status';
import { Trouble } from './parts/trouble';

export function App() {
  const auth = useAuth();
  // What a login that failed left in the address.
  const login = useKakaoCallback();
  return (
    <>
      {auth.error && <Trouble error={auth.error} retry={auth.retry} />}
      {login.error && !auth.user && <Trouble error={login.error} />}
      <Status />
      {auth.user ? <SignedIn key={auth.user.id} /> : <SignedOut />}
    </>
  );
}
