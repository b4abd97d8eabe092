// Several tabs of one person's browser.
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { anotherSecond, consent, counts, press, REFRESH, see, sees, signedIn, somebodyNew, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const browsing = useBrowser();
const LOGOUT = 'POST /api/auth/logout';
const channelName = () => `munjigi:${world.gateway}`;

/** Tabs that are all signed in; the first did it. */
async function tabs(context: BrowserContext, many: number, person = 'full'): Promise<[Page, ...Page[]]> {
  const first = await signedIn(context, world, person);
  const others = await Promise.all(Array.from({ length: many - 1 }, () => visit(context, world)));
  await Promise.all(others.map((page) => sees(page, { status: 'signed-in' })));
  return [first, ...others];
}

/** A page from the cache is not loaded. */
const back = (page: Page) => page.goBack({ waitUntil: 'commit' });

/** A page of the same origin without the client. */
const plain = (context: BrowserContext) => visit(context, world, '/app.js');

it('a lock that is never given back costs time, not the session', async () => {
  const context = await browsing.open();
  await (await signedIn(context, world)).close();
  const holder = await plain(context);
  await holder.evaluate((name) => {
    return new Promise<void>((held) => {
      void navigator.locks.request(name, () => {
        held();
        return new Promise(() => {});
      });
    });
  }, channelName());
  const count = counts(context, world);
  const page = await visit(context, world);
  await sees(page, { status: 'signed-in' });
  expect(count(REFRESH)).toBe(1);
  const state = await page.evaluate(() => navigator.locks.query());
  expect(state.held?.map(({ name }) => name)).toEqual([channelName()]);
});

it('signing out reaches all tabs before the network has answered', async () => {
  const [first, ...others] = await tabs(await browsing.open(), 3);
  const held = world.wire.holdRequests(LOGOUT);
  await press(first, 'Sign out');
  await sees(first, { status: 'signed-out', reason: 'user' });
  for (const page of others) await sees(page, { status: 'signed-out', reason: 'other-tab' });
  await expect.poll(held.count).toBe(1);
  held.release();
  await first.getByText('done: {').waitFor();
  await first.reload();
  await sees(first, { status: 'signed-out', reason: 'initial' });
});

it('signing out during a refresh holds', async () => {
  const context = await browsing.open();
  const page = await signedIn(context, world);
  const held = world.wire.holdAnswers(REFRESH);
  await press(page, 'Refresh');
  await expect.poll(held.count).toBe(1);
  await press(page, 'Sign out');
  await sees(page, { status: 'signed-out', reason: 'user' });
  await page.getByText('done: {').waitFor();
  held.release();
  await page.getByText('done: "nobody"').waitFor();
  expect(await see(page)).toMatchObject({ status: 'signed-out', reason: 'user' });
  // The late answer brought a cookie as well: of a session that is over.
  world.wire.reset();
  await page.reload();
  await sees(page, { status: 'signed-out' });
});

it('the answer another tab was waiting for does not bring the session back', async () => {
  const [first, second] = await tabs(await browsing.open(), 2) as [Page, Page];
  const held = world.wire.holdAnswers(REFRESH);
  await press(second, 'Refresh');
  await expect.poll(held.count).toBe(1);
  await press(first, 'Sign out');
  await sees(second, { status: 'signed-out', reason: 'other-tab' });
  held.release();
  await second.getByText('done: "nobody"').waitFor();
  expect(await see(first)).toMatchObject({ status: 'signed-out', reason: 'user' });
  expect(await see(second)).toMatchObject({ status: 'signed-out', reason: 'other-tab' });
});

it('a grant that arrives after the sign-out does not bring the session back', async () => {
  const context = await browsing.open();
  const page = await signedIn(context, world);
  const { session } = await see(page);
  // What the tabs say to each other, word for word.
  const other = await plain(context);
  const heard = other.evaluate((name) => {
    const channel = new BroadcastChannel(name);
    return new Promise<unknown>((resolve) => {
      channel.onmessage = ({ data }) => data.type === 'grant' && resolve(data);
      channel.postMessage({ v: 1, type: 'hello' });
    });
  }, channelName());
  const grant = (await heard) as { sid: string };
  expect(grant.sid).toBe(session);
  expect(JSON.stringify(grant)).not.toMatch(/refresh/);
  await press(page, 'Sign out');
  await sees(page, { status: 'signed-out' });
  // A listener that is younger than the client's hears it after the client did.
  const arrived = await page.evaluateHandle((name) => {
    const channel = new BroadcastChannel(name);
    return { heard: new Promise<void>((resolve) => (channel.onmessage = ({ data }) => data.type === 'grant' && resolve())) };
  }, channelName());
  await other.evaluate(([name, late]) => new BroadcastChannel(name as string).postMessage(late), [channelName(), grant] as const);
  await arrived.evaluate(({ heard }) => heard);
  expect(await see(page)).toMatchObject({ status: 'signed-out', reason: 'user' });
});

it('somebody else who signs in in one tab is who all tabs show', async () => {
  const context = await browsing.open();
  const [first, second] = (await tabs(context, 2)) as [Page, Page];
  const before = await see(first);
  const person = somebodyNew();
  await anotherSecond();
  await press(second, 'Other person');
  await consent(second, person);
  await sees(second, { status: 'signed-in', username: `kakao_${person}` });
  const { session } = await see(second);
  expect(session).not.toBe(before.session);
  await sees(first, { status: 'signed-in', username: `kakao_${person}`, session: session! });
  // And it stays so when the tab that was there first asks again.
  await press(first, 'Refresh');
  await first.getByText('done: "token"').waitFor();
  expect(await see(first)).toMatchObject({ username: `kakao_${person}`, session });
});

it('two logins begun side by side both end well', async () => {
  const context = await browsing.open();
  const pages = await Promise.all([visit(context, world), visit(context, world, '/b')]);
  for (const page of pages) await page.getByRole('button', { name: '카카오 로그인' }).click();
  await consent(pages[0]!);
  await sees(pages[0]!, { status: 'signed-in' });
  await anotherSecond();
  await consent(pages[1]!);
  await pages[1]!.getByText('successes 1').waitFor();
  const sessions = await Promise.all(pages.map(async (page) => (await see(page)).session));
  await sees(pages[0]!, { session: sessions[1]! });
});

it('a page from the back-forward cache asks who is there', async () => {
  const context = await browsing.open();
  await context.addInitScript(() => addEventListener('pageshow', ({ persisted }) => Object.assign(globalThis, { persisted })));
  const page = await signedIn(context, world);
  const wasKept = () => page.evaluate(() => (globalThis as { persisted?: boolean }).persisted);
  const count = counts(context, world);
  await page.goto(`${world.front.url}/app.js`);
  await back(page);
  expect(await wasKept()).toBe(true);
  await page.locator('#events').getByText('token-refreshed').waitFor();
  expect(count(REFRESH)).toBe(1);
  expect(await see(page)).toMatchObject({ status: 'signed-in' });

  // Signed out in another tab while this one was in the cache, where no message reaches it.
  await page.goto(`${world.front.url}/app.js`);
  const other = await visit(context, world);
  await sees(other, { status: 'signed-in' });
  await press(other, 'Sign out');
  await other.getByText('done: {').waitFor();
  await back(page);
  expect(await wasKept()).toBe(true);
  await sees(page, { status: 'signed-out' });
});
