import { useAuth, useKakaoCallback } from 'munjigi/react';
import { SignedIn } from './parts/signed-in';
import { SignedOut } from './parts/signed-out';
import { Trouble } from './parts/trouble';

export function App() {
  const auth = useAuth();
  // What a login that failed left in the address.
  const login = useKakaoCallback();
  return (
    <>
      {auth.error && <Trouble error={auth.error} retry={auth.retry} />}
      {login.error && !auth.user && <Trouble error={login.error} />}
      {auth.user ? <SignedIn user={auth.user} /> : <SignedOut />}
    </>
  );
}
