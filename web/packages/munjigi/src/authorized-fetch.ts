// `auth.fetch`: the token on requests to our own origins; 401 -> one refresh -> one retry, with the body intact.
import { here } from './address.js';
import type { Keeper } from './keeper.js';

export function makeFetch(keeper: Keeper, origins: readonly string[], fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const isTrusted = (address: string) => {
    const origin = (of: string) => new URL(of, here()).origin;
    try {
      return origins.some((trusted) => origin(trusted) === origin(address));
    } catch {
      return false;
    }
  };

  return async (input, init) => {
    const asked = input instanceof Request ? input : undefined;
    const token =
      isTrusted(asked ? asked.url : `${input}`) &&
      !new Headers(init?.headers ?? asked?.headers).has('Authorization') &&
      (await keeper.token());
    if (!token) return fetch(input, init);

    const retry = new Request(input, init);
    const send = (request: Request, bearer: string) => {
      request.headers.set('Authorization', 'Bearer ' + bearer);
      return fetch(request);
    };
    const response = await send(retry.clone(), token);
    if (response.status !== 401) return response;
    // A refresh that fails leaves the answer there is.
    const newer = await keeper.after401(token).catch(() => null);
    if (!newer) return response;
    void response.body?.cancel();
    return send(retry, newer);
  };
}
