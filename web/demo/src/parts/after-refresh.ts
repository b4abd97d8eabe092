import { useEffect } from 'react';
import { useMunjigi } from 'munjigi/react';

export function useAfterRefresh(act: () => unknown) {
  const { on } = useMunjigi();
  useEffect(() => on((event) => event.type === 'token-refreshed' && act()), [on, act]);
}
