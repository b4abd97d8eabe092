// What the last pressed button asked the gateway for, and what came back.
import { useSyncExternalStore } from 'react';
import type { MunjigiError } from 'munjigi';

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
  error: MunjigiError | null;
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
  let error: MunjigiError | null = null;
  try {
    await action();
  } catch (thrown) {
    error = thrown as MunjigiError;
  }
  if (last?.name === name) change({ ...last, isBusy: false, error });
}

/** `fetch`, overheard while a button is pressed. */
export const watchedFetch: typeof fetch = async (input, init) => {
  const asked = input instanceof Request ? input : new Request(input, init);
  const request = `${asked.method} ${new URL(asked.url).pathname}`;
  const tell = (status: number, body: unknown = null) => {
    if (last?.isBusy) change({ ...last, exchanges: [...last.exchanges, { request, status, body }] });
  };
  try {
    const response = await fetch(input, init);
    if (last?.isBusy) tell(response.status, await bodyOf(response.clone()));
    return response;
  } catch (error) {
    tell(0);
    throw error;
  }
};

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return /json/.test(response.headers.get('Content-Type') ?? '') && text ? JSON.parse(text) : text || null;
}
