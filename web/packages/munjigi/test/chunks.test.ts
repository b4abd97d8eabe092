// What is loaded when it is needed cannot be loaded: offline, or a new deploy has removed it.
import { expect, it, vi } from 'vitest';
import { MunjigiError } from '../src/index.js';
import { createFakeGateway } from '../src/testing/index.js';
import { REFRESH, rejection, tab } from './helpers.js';

vi.mock('../src/actions.js', () => {
  throw new TypeError('Failed to fetch dynamically imported module');
});

const client = (options = {}) => {
  const gateway = createFakeGateway();
  gateway.signIn();
  return { gateway, ...tab(gateway, options) };
};

it.each([
  ['fetch', (auth: ReturnType<typeof client>['auth']) => auth.fetch('http://gateway.test/api/protected')],
  ['getAccessToken', (auth: ReturnType<typeof client>['auth']) => auth.getAccessToken()],
  ['listSessions', (auth: ReturnType<typeof client>['auth']) => auth.listSessions()],
  ['handleCallback', (auth: ReturnType<typeof client>['auth']) => auth.handleCallback('http://localhost/?code=c&state=s')],
] as const)('%s rejects with an error that may be tried again', async (_, ask) => {
  const error = await rejection(ask(client().auth));
  expect(error).toBeInstanceOf(MunjigiError);
  expect(error).toMatchObject({ code: 'NETWORK_ERROR', retryable: true });
});

it('who is there is known all the same, refreshed and signed out', async () => {
  const { auth, gateway } = client();
  expect((await auth.ready()).status).toBe('signed-in');
  await auth.refresh();
  expect(gateway.count(REFRESH)).toBe(2);
  await auth.signOut();
  expect(gateway.count('POST /api/auth/logout')).toBe(1);
});

it('a login of flow B that cannot begin is an error event', async () => {
  const { auth, events } = client({ redirectUri: 'http://localhost/callback' });
  auth.signIn({ returnTo: '' });
  await vi.waitFor(() => expect(events).toMatchObject([{ type: 'error', error: { code: 'NETWORK_ERROR' } }]));
});

it('bearer mode is an error, not a sign-out', async () => {
  const { auth } = client({ mode: 'bearer' });
  expect(await auth.ready()).toMatchObject({ status: 'error', error: { code: 'NETWORK_ERROR' } });
});
