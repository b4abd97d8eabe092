// Calls to the gateway's own routes: headers, cookies or none, a time limit, and errors in one form.
import { errorOf, MunjigiError, ownError } from './error.js';
import type { Locale } from './types.js';

/** Resolves with the body of a success, `null` if it has none; rejects with `MunjigiError`. */
export type Call = <T>(route: `${string} /api/auth/${string}`, body?: object | null, token?: string | null, keepalive?: boolean) => Promise<T>;

export const makeCall =
  (
    base: string,
    locale: Locale,
    cookies: boolean,
    timeoutMs: number,
    fetch: typeof globalThis.fetch,
    log: (line: string) => void,
  ): Call =>
  async (route, body, token, keepalive = false) => {
    const [method, path] = route.split(' ') as [string, string];
    const headers: Record<string, string> = { 'Accept-Language': locale };
    // Forces a preflight, so no foreign page can use the cookie; and says that the answer is to be one.
    if (cookies) headers['X-Munjigi-Cookie'] = '1';
    if (token) headers.Authorization = 'Bearer ' + token;
    if (body) headers['Content-Type'] = 'application/json';
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      const response = await fetch(base + path, {
        method,
        headers,
        keepalive,
        credentials: cookies ? 'include' : 'omit',
        signal: limit.signal,
        body: body ? JSON.stringify(body) : null,
      });
      // Without the query, which may carry what is nobody's business.
      log(`${method} ${path.split('?')[0]} ${response.status}`);
      if (!response.ok) throw await errorOf(response, locale);
      return JSON.parse((await response.text()) || 'null');
    } catch (error) {
      if (error instanceof MunjigiError) throw error;
      const code = limit.signal.aborted ? 'TIMEOUT' : error instanceof SyntaxError ? 'UNEXPECTED_RESPONSE' : 'NETWORK_ERROR';
      throw ownError(code, locale, 'retry');
    } finally {
      clearTimeout(timer);
    }
  };

/** Three tries of what may be said twice (contract 4.3, 3.1.3), the second and third later, or when the gateway says. */
export async function persistently<T>(ask: () => Promise<T>, isWanted: () => boolean = () => true): Promise<T> {
  for (const wait of [250, 750, 0]) {
    try {
      return await ask();
    } catch (error) {
      const { retryable, retryAfter = wait / 1000 } = error as MunjigiError;
      if (!wait || !retryable || !isWanted()) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(retryAfter, 10) * 1000));
    }
  }
  throw 0; // Never: the last wait is 0.
}
