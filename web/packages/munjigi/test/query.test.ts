import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { bindQueryClient } from '../src/query.js';
import { fakeUser } from '../src/testing/index.js';
import { MunjigiError } from '../src/index.js';
import { rejection, signedIn } from './helpers.js';

async function bound() {
  const { auth, gateway } = await signedIn();
  const client = new QueryClient();
  client.mount();
  const unbind = bindQueryClient(auth, client);
  return { auth, gateway, client, unbind };
}

describe('bindQueryClient', () => {
  it('empties the cache on sign-out: what nobody looks at is gone, what is on the screen asks again', async () => {
    const { auth, client } = await bound();
    let asked = 0;
    const observer = new QueryObserver(client, { queryKey: ['mine'], queryFn: async () => `${++asked}` });
    const seen: unknown[] = [];
    const off = observer.subscribe(({ data }) => seen.push(data));
    await vi.waitFor(() => expect(seen).toContain('1'));
    client.setQueryData(['other'], 'secret');
    seen.length = 0;
    const out = auth.signOut();
    expect(client.getQueryData(['other'])).toBeUndefined();
    expect(client.getQueryData(['mine'])).toBeUndefined();
    await out;
    await vi.waitFor(() => expect(seen).toContain('2'));
    expect(seen).not.toContain('1');
    off();
  });

  it('empties it when somebody else signs in', async () => {
    const { auth, gateway, client } = await bound();
    client.setQueryData(['x'], 1);
    await auth.refresh();
    expect(client.getQueryData(['x'])).toBe(1);
    gateway.signIn(fakeUser());
    await auth.refresh();
    expect(client.getQueryData(['x'])).toBeUndefined();
  });

  it('keeps it through an error', async () => {
    const { auth, gateway, client } = await bound();
    client.setQueryData(['x'], 1);
    gateway.next('POST /api/auth/refresh', new Response('', { status: 403 }));
    await rejection(auth.refresh());
    expect(client.getQueryData(['x'])).toBe(1);
  });

  it('retries no 401, and everything else as before', async () => {
    const { client, unbind } = await bound();
    const retry = () => client.getDefaultOptions().queries?.retry as (count: number, error: unknown) => boolean;
    expect(retry()(0, new MunjigiError('UNAUTHENTICATED', '', { action: 'login', status: 401 }))).toBe(false);
    expect(retry()(0, { response: { status: 401 } })).toBe(false);
    expect([retry()(2, new Error()), retry()(3, new Error())]).toEqual([true, false]);
    unbind();
    expect(retry()).toBeUndefined();
  });

  it.each([
    [true, true],
    [false, false],
    [5, true],
    [(count: number) => count === 4, true],
  ])('respects retry: %s', async (given, expected) => {
    const { auth } = await signedIn();
    const client = new QueryClient({ defaultOptions: { queries: { retry: given, staleTime: 7 } } });
    bindQueryClient(auth, client);
    const queries = client.getDefaultOptions().queries!;
    expect((queries.retry as (count: number, error: Error) => boolean)(4, new Error())).toBe(expected);
    expect(queries.staleTime).toBe(7);
  });
});
