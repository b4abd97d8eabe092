// What the last pressed button asked the gateway for, and what came back.
import { useSyncExternalStore } from 'react';

export interface Exchange {
  /** `GET /api/protected` */
  request: string;
  /** 0: nothing came back. */
  status: number;
  body: unknown;
}

export interface Press {
  name: string;
  isBusy: boolean;
  exchanges: readonly Exchange[];
  error: unknown;
}

let last: Press | null = null;
const listeners = new Set<() => void>();

function change(press: Press) {
  last = press;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useLastPress = () => useSyncExternalStore(subscribe, () => last);

/** Does what a button is for, once per press. */
export async function press(name: string, action: () => unknown) {
  if (last?.isBusy && last.name === name) return;
  change({ name, isBusy: true, exchanges: [], error: null });
  let error: unknown = null;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  if (last?.name === name) change({ ...last, isBusy: false, error });
}

/** `fetch`, overheard while a button is pressed. */
export const watchedFetch: typeof fetch = async (input, init) => {
  const asked = input instanceof Request ? input : { url: `${input}`, method: init?.method ?? 'GET' };
  const request = `${asked.method} ${new URL(asked.url, location.href).pathname}`;
  const tell = async (response?: Response) => {
    if (!last?.isBusy) return;
    const body = response ? await bodyOf(response.clone()) : null;
    change({ ...last, exchanges: [...last.exchanges, { request, status: response?.status ?? 0, body }] });
  };
  const response = await fetch(input, init).catch(async (error: unknown) => {
    await tell();
    throw error;
  });
  await tell(response);
  return response;
};

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text || null;
  }
}
