import { onTestFinished, vi } from 'vitest';
import { createMunjigi, type AuthEvent, type AuthState, type Munjigi, type MunjigiOptions } from '../src/index.js';
import { createFakeGateway, fakeUser, type FakeGateway, type FakeGatewayOptions } from '../src/testing/index.js';

export const REFRESH = 'POST /api/auth/refresh';

/** A channel whose messages are copies and arrive later, as a browser's are. */
export function stubChannels(): void {
  const open = new Set<Channel>();
  class Channel {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    readonly name: string;
    constructor(name: string) {
      this.name = name;
      open.add(this);
    }
    postMessage(message: unknown) {
      for (const other of open) {
        if (other === this || other.name !== this.name) continue;
        const data = structuredClone(message);
        queueMicrotask(() => open.has(other) && other.onmessage?.({ data }));
      }
    }
    close() {
      open.delete(this);
    }
  }
  vi.stubGlobal('BroadcastChannel', Channel);
}

/** Listens to and speaks on a channel, as a tab with other code would. */
export function channel(base: string) {
  const heard: { v: number; type: string; [member: string]: unknown }[] = [];
  const one = new BroadcastChannel(`munjigi:${base}`);
  one.onmessage = ({ data }) => heard.push(data);
  return { heard, post: (message: object) => one.postMessage(message) };
}

/** One lock a name, handed on in the order of asking. */
export function stubLocks(): { held: Set<string>; asked: () => number } {
  const queues = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  let asked = 0;
  const request = (name: string, { signal }: { signal: AbortSignal }, work: () => Promise<unknown>) => {
    asked += 1;
    const before = held.has(name) ? new Promise(() => {}) : (queues.get(name) ?? Promise.resolve());
    let isGranted = false;
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => isGranted || reject(new DOMException('given up', 'AbortError'))),
    );
    const granted = before.then(() => {
      if (signal.aborted) return undefined;
      isGranted = true;
      return work();
    });
    queues.set(
      name,
      granted.then(
        () => {},
        () => {},
      ),
    );
    return Promise.race([granted, aborted]);
  };
  vi.stubGlobal('navigator', { ...globalThis.navigator, userAgent: 'test', locks: { request } });
  return { held, asked: () => asked };
}

export interface Tab {
  auth: Munjigi;
  events: AuthEvent[];
  states: AuthState['status'][];
}

/** A client that is disposed of after the test. */
export function tab(gateway: FakeGateway, options: Partial<MunjigiOptions> = {}): Tab {
  const auth = createMunjigi({ baseUrl: gateway.baseUrl, fetch: gateway.fetch, navigate: () => {}, tabs: 'off', ...options });
  const events: AuthEvent[] = [];
  const states: AuthState['status'][] = [];
  auth.on((event) => events.push(event));
  onTestFinished(() => auth.dispose());
  return { auth, events, states };
}

/** A client of somebody who is signed in. */
export async function signedIn(options: Partial<MunjigiOptions> = {}, fake: FakeGatewayOptions = {}) {
  const gateway = createFakeGateway(fake);
  const user = fake.user ?? fakeUser();
  gateway.signIn(user);
  const { auth, events } = tab(gateway, options);
  await auth.ready();
  events.length = 0;
  return { gateway, user, auth, events };
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

export const html = (status: number, headers: Record<string, string> = {}) => () =>
  new Response('<html>proxy</html>', { status, headers: { 'Content-Type': 'text/html', ...headers } });

/** Answers when told. */
export function later(): { fault: () => Promise<Response>; answer: (response: Response) => void } {
  let answer!: (response: Response) => void;
  const promise = new Promise<Response>((resolve) => (answer = resolve));
  return { fault: () => promise, answer };
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const nothing = Symbol();
  const error = await promise.then(
    () => nothing,
    (thrown: unknown) => thrown,
  );
  if (error === nothing) throw new Error('it did not reject');
  return error;
}
