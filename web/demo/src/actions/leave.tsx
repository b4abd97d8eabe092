import { useMunjigi } from 'munjigi/react';
import { Button } from '../parts/button';
import { t } from '../texts';

export function Leave() {
  const { deleteAccount } = useMunjigi();
  const leave = async () => {
    if (confirm(t.reallyLeave)) await deleteAccount();
  };
  return <Button name="leave" onPress={leave} />;
}
