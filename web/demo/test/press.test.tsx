import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MunjigiError } from 'munjigi';
import { Answer } from '../src/parts/answer';
import { press, watchedFetch } from '../src/press';

const json = (body: object, status = 200) => Response.json(body, { status });
const fetching = (...answers: (Response | Error)[]) =>
  vi.stubGlobal('fetch', async () => {
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer;
  });

let root: Root;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  root = createRoot(document.getElementById('live') as HTMLElement);
});
afterEach(() => act(() => root.unmount()));

const show = (what: ReactNode) => act(() => root.render(what));
const seen = () => document.getElementById('live')?.textContent;

test('what a pressed button asked for is shown with what came back, token cut short', async () => {
  await show(<Answer of="refresh" />);
  fetching(json({ access_token: 'e'.repeat(500), expires_in: 900 }));
  await act(() => press('refresh', () => watchedFetch('/api/auth/refresh', { method: 'POST' })));
  expect(seen()).toContain('POST /api/auth/refresh → 200');
  expect(seen()).toContain('"expires_in": 900');
  expect(seen()).toContain(`"${'e'.repeat(16)}…(500자)"`);
  expect(seen()).not.toContain('e'.repeat(17));
});

test('a 401, its refresh and the second try are all there', async () => {
  await show(<Answer of="callApi" />);
  fetching(json({}, 401), json({}), json({ message: '안녕하세요' }));
  const ask = (path: string) => watchedFetch(new Request(`http://localhost${path}`));
  await act(() => press('callApi', async () => {
    await ask('/api/protected');
    await ask('/api/auth/refresh');
    await ask('/api/protected');
  }));
  expect(seen()).toMatch(/protected → 401.*refresh → 200.*protected → 200.*안녕하세요/s);
});

test('a refusal is put in the words of the gateway, a broken line in ours', async () => {
  await show(<Answer />);
  fetching(json({ message: '너무 많습니다.', hint: '기다리세요.' }, 429), new TypeError('failed'));
  await act(() => press('callApi', () => watchedFetch('/api/protected')));
  expect(seen()).toContain('너무 많습니다. 기다리세요.');
  await act(() => press('signOut', async () => {
    await watchedFetch('/api/auth/logout').catch(() => {});
    throw new MunjigiError('NETWORK_ERROR', 'x', { action: 'retry' });
  }));
  expect(seen()).toContain('/api/auth/logout → 응답 없음');
  expect(seen()).toContain('서버에 연결할 수 없습니다');
  await act(() => press('callApi', () => Promise.reject(new TypeError('failed'))));
  expect(seen()).toContain('게이트웨이에 연결할 수 없습니다');
});

test('an answer belongs to its own button, one of several included', async () => {
  fetching(json({ first: 1 }));
  await press('signOutDevice 019a', () => watchedFetch('/x'));
  await show(<Answer of="signOut" />);
  expect(seen()).toBe('');
  await show(<Answer of="signOutDevice" />);
  expect(seen()).toContain('"first": 1');
});

test('what nobody pressed for is not shown, and a second press while busy does nothing', async () => {
  fetching(json({ kept: 1 }), json({ background: 1 }));
  let finish = () => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  const again = vi.fn();
  const first = press('refresh', async () => {
    await watchedFetch('/x');
    await held;
  });
  await press('refresh', again);
  expect(again).not.toHaveBeenCalled();
  finish();
  await first;
  await watchedFetch('/y');
  await show(<Answer />);
  expect(seen()).toContain('kept');
  expect(seen()).not.toContain('background');
});
