// The page's address, and what Kakao and the gateway put into it.
import type { SignInOptions } from './types.js';

const ANSWER = ['code', 'state', 'error', 'error_description', 'request_id', 'required_scopes'];

/** Undefined where there is none: on a server, in a native app. */
export const here = (): string | undefined => globalThis.location?.href;

/** Whether a login left something there. A lone `?code=` or `?error=` belongs to somebody else. */
export const hasAnswer = (query: URLSearchParams): boolean =>
  query.has('state') ? query.has('code') || query.has('error') : query.has('error') && query.has('request_id');

export function withoutAnswer(address: string): string {
  const url = new URL(address);
  if (hasAnswer(url.searchParams)) ANSWER.map((name) => url.searchParams.delete(name));
  return url.href;
}

/** Nobody else is to read it: no other script, no Referer, no history. */
export function cleanAddress(): void {
  history.replaceState(history.state, '', withoutAnswer(location.href));
}

/** A path means one of this page's host, not of the gateway's. Default: this page. */
export function returnAddress(returnTo: string | undefined): string | undefined {
  const page = here();
  return page && returnTo !== '' ? withoutAnswer(new URL(returnTo ?? page, page).href) : returnTo;
}

/** What a login may be asked for, as a query; empty entries are left out. */
export function loginQuery({ prompt, scope, loginHint, serviceTerms }: SignInOptions, more: object): string {
  const query = new URLSearchParams();
  const all = { ...more, prompt, scope, login_hint: loginHint, service_terms: serviceTerms };
  for (const [name, value] of Object.entries(all)) if (value) query.set(name, value as string);
  return `?${query}`;
}
