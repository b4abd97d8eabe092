import { useUser } from 'munjigi/react';
import { Person } from '../parts/person';

export function Profile() {
  const user = useUser();
  return user && <Person user={user} />;
}
