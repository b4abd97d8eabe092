// `auth.fetch`: the token on requests to our own origins; 401 -> one refresh -> one retry, with the body intact.
import { after401, getAccessToken } from './access.js';
import type { Inside } from './actions.js';

function isTrusted(origins: readonly string[], address: string): boolean {
  const origin = (of: string) => new URL(of, globalThis.location?.href).origin;
  try {
    return origins.some((trusted) => origin(trusted) === origin(address));
  } catch {
    return false;
  }
}

export async function authorizedFetch(inside: Inside, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const { keeper, options } = inside;
  const fetch = options.fetch ?? globalThis.fetch;
  const origins = [options.baseUrl, ...(options.apiOrigins ?? [])];
  const asked = input instanceof Request ? input : undefined;
  const token =
    isTrusted(origins, asked ? asked.url : `${input}`) &&
    !new Headers(init?.headers ?? asked?.headers).has('Authorization') &&
    (await getAccessToken(inside));
  if (!token) return fetch(input, init);

  const retry = new Request(input, init);
  const send = (request: Request, bearer: string) => {
    request.headers.set('Authorization', 'Bearer ' + bearer);
    return fetch(request);
  };
  const response = await send(retry.clone(), token);
  if (response.status !== 401) return response;
  // A refresh that fails leaves the answer there is.
  const newer = await after401(keeper, token).catch(() => null);
  if (!newer) return response;
  void response.body?.cancel();
  return send(retry, newer);
}
