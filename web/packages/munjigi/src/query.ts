// TanStack Query: what one person loaded is not shown to the next.
import type { QueryClient } from '@tanstack/react-query';
import type { Munjigi } from './types.js';

type Failure = { status?: number; response?: { status?: number } } | null;
const statusOf = (error: unknown) => (error as Failure)?.status ?? (error as Failure)?.response?.status;

/** On a sign-out, or when somebody else signs in, the cache is emptied. A 401 is not retried. Returns the way back. */
export function bindQueryClient(auth: Pick<Munjigi, 'on' | 'getState'>, client: QueryClient): () => void {
  const defaults = client.getDefaultOptions();
  const retry = defaults.queries?.retry ?? 3;
  client.setDefaultOptions({
    ...defaults,
    queries: {
      ...defaults.queries,
      retry: (count, error) =>
        statusOf(error) !== 401 && (typeof retry === 'function' ? retry(count, error) : retry === true || count < Number(retry)),
    },
  });
  let user = auth.getState().user?.id;
  const off = auth.on(({ type }) => {
    const now = auth.getState().user?.id;
    if (type !== 'error' && user && user !== now) {
      void client.cancelQueries();
      client.getMutationCache().clear();
      client.removeQueries({ type: 'inactive' });
      // What is on the screen goes back to its beginning, and asks again in the new name.
      void client.resetQueries({ type: 'active' });
    }
    user = now;
  });
  return () => {
    off();
    client.setDefaultOptions(defaults);
  };
}
