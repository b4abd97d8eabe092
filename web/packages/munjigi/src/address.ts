// The page's address, and what Kakao and the gateway put into it.
import type { SignInOptions } from './types.js';

const ANSWER = ['code', 'state', 'error', 'error_description', 'request_id', 'required_scopes'];

/** Undefined where there is none: on a server, in a native app. */
export const here = (): string | undefined => globalThis.location?.href;

/** What a login left in an address, if it did, and the address without it. A lone `?code=` or `?error=` belongs to somebody else. */
export function read(address: string): { answer: URLSearchParams | false; rest: string } {
  const url = new URL(address);
  const query = url.searchParams;
  const isAnswer = query.has('state') ? query.has('code') || query.has('error') : query.has('error') && query.has('request_id');
  const answer = isAnswer && new URLSearchParams(query);
  if (isAnswer) ANSWER.map((name) => query.delete(name));
  return { answer, rest: url.href };
}

/** What a login may be asked for; empty entries are left out. */
export function loginQuery({ returnTo, prompt, scope, loginHint, serviceTerms }: SignInOptions): URLSearchParams {
  const page = here();
  const query = new URLSearchParams();
  const asked = {
    // A path means one of this page's host, not of the gateway's. Default: this page.
    return_to: page && returnTo !== '' ? read(new URL(returnTo ?? page, page).href).rest : returnTo,
    prompt,
    scope,
    login_hint: loginHint,
    service_terms: serviceTerms,
  };
  for (const [name, value] of Object.entries(asked)) if (value) query.set(name, value as string);
  return query;
}
