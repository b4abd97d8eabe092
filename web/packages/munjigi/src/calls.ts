// Calls to the gateway's own routes: headers, cookies or none, a time limit, and errors in one form.
import { errorOf, MunjigiError, type Fail } from './error.js';
import type { Locale, MunjigiOptions } from './types.js';

type Route = `${string} /api/auth/${string}`;

/**
 * Resolves with the body of a success, `null` if it has none; rejects with `MunjigiError`. With `isWanted` there are three tries,
 * as long as it says so: for what may be said twice (contract 4.3, 3.1.3).
 */
export type Call = <T>(
  route: Route,
  body?: object | null,
  token?: string | null,
  isWanted?: (() => boolean) | null,
  keepalive?: boolean,
) => Promise<T>;

export function makeCall(
  { requestTimeoutMs = 10_000, fetch }: MunjigiOptions,
  base: string,
  locale: Locale,
  cookies: boolean,
  fail: Fail,
  log: (line: string) => void,
): Call {
  async function once(route: Route, body: object | null | undefined, token: string | null | undefined, keepalive: boolean) {
    const [method, path] = route.split(' ') as [string, string];
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), requestTimeoutMs);
    try {
      const response = await (fetch ?? globalThis.fetch)(base + path, {
        method,
        headers: {
          'Accept-Language': locale,
          // Forces a preflight, so no foreign page can use the cookie; and says that the answer is to be one.
          ...(cookies && { 'X-Munjigi-Cookie': '1' }),
          ...(token && { Authorization: 'Bearer ' + token }),
          ...(body && { 'Content-Type': 'application/json' }),
        },
        credentials: cookies ? 'include' : 'omit',
        body: body ? JSON.stringify(body) : null,
        signal: limit.signal,
        keepalive,
      });
      // Without the query, which may carry what is nobody's business.
      log(`${method} ${path.split('?')[0]} ${response.status}`);
      if (!response.ok) throw await errorOf(response, fail);
      return JSON.parse((await response.text()) || 'null');
    } catch (error) {
      if (error instanceof MunjigiError) throw error;
      throw fail(limit.signal.aborted ? 'TIMEOUT' : error instanceof SyntaxError ? 'UNEXPECTED_RESPONSE' : 'NETWORK_ERROR', 'retry');
    } finally {
      clearTimeout(timer);
    }
  }

  return async (route, body, token, isWanted, keepalive = false) => {
    for (let wait = 0.25; ; wait += 0.5) {
      try {
        return await once(route, body, token, keepalive);
      } catch (error) {
        const { retryable, retryAfter = wait } = error as MunjigiError;
        if (wait > 1 || !retryable || !isWanted?.()) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(retryAfter, 10) * 1000));
      }
    }
  };
}
