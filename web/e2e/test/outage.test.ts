// The gateway is killed and started again, answers get lost, clocks are wrong: nobody is signed out by it.
import { expect, it } from 'vitest';
import { patient, useBrowser } from '../support/browser.js';
import { counts, loginButton, press, REFRESH, see, sees, signedIn, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const browsing = useBrowser();

it('down at load: says so, keeps the login button, and knows the person when it is back', async () => {
  const context = await browsing.open();
  const before = await signedIn(context, world);
  const { session, name } = await see(before);
  await before.close();
  await world.down();
  const page = await visit(context, world);
  await sees(page, { status: 'error', code: 'NETWORK_ERROR' });
  await loginButton(page).waitFor();
  await world.up();
  await press(page, 'Retry');
  await sees(page, { status: 'signed-in', session: session!, name: name! });
});

it('back with the network: asks by itself', async () => {
  const context = await browsing.open();
  await (await signedIn(context, world)).close();
  await world.down();
  const page = await visit(context, world);
  await sees(page, { status: 'error' });
  await context.setOffline(true);
  await world.up();
  await context.setOffline(false);
  await sees(page, { status: 'signed-in' });
});

it('down while signed in: a refresh fails, the session stays', async () => {
  const page = await signedIn(await browsing.open(), world);
  const before = await see(page);
  await world.down();
  await press(page, 'Refresh');
  await page.getByText('failed: NETWORK_ERROR').waitFor();
  expect(await see(page)).toEqual(before);
  await world.up();
  await press(page, 'Refresh');
  await page.getByText('done: "token"').waitFor();
  expect(await see(page)).toEqual(before);
});

it('down when somebody signs out: out here at once and over a reload; the gateway hears of it when it is back', async () => {
  const context = await browsing.open();
  const page = await signedIn(context, world);
  const held = async () => (await context.cookies()).some(({ name }) => name.endsWith('munjigi_rt'));
  expect(await held()).toBe(true);
  await world.down();
  await press(page, 'Sign out');
  await sees(page, { status: 'signed-out', reason: 'user' });
  expect(await held()).toBe(true);
  await world.up();
  await page.reload();
  await sees(page, { status: 'signed-out' });
  await expect.poll(held).toBe(false);
  await page.reload();
  await sees(page, { status: 'signed-out' });
});

it('killed between the rotation and its answer: the next one gives the same successor', async () => {
  const context = await browsing.open();
  const page = await signedIn(context, world);
  const { session } = await see(page);
  const held = world.wire.holdAnswers(REFRESH);
  await press(page, 'Refresh');
  await expect.poll(held.count).toBe(1);
  await world.down();
  world.wire.reset();
  await world.up();
  await page.getByText(/done: "token"|failed: NETWORK_ERROR/).waitFor();
  await page.reload();
  await sees(page, { status: 'signed-in', session: session! });
  expect(world.logged('refresh_reused')).toBe(0);
});

it('20 orders at once with a token that is refused: one refresh, every order once more, bodies whole', async () => {
  const context = await browsing.open();
  const page = await signedIn(context, world);
  const all = JSON.stringify(Array.from({ length: 20 }, (_, index) => `200 order ${index + 1}`));
  await press(page, '20 orders');
  await page.getByText(`done: ${all}`).waitFor();
  expect(world.front.answered).toEqual(Array(20).fill(200));
  world.front.refuseKnown();
  world.front.answered.length = 0;
  const count = counts(context, world);
  await press(page, '20 orders');
  await page.getByText('…', { exact: true }).waitFor({ state: 'detached' });
  await page.getByText(`done: ${all}`).waitFor();
  expect(world.front.answered.filter((status) => status === 401)).toHaveLength(20);
  expect(world.front.answered.filter((status) => status === 200)).toHaveLength(20);
  expect(count(REFRESH)).toBe(1);
});

it.each([-10, 10])('a clock that is wrong by %i minutes signs in and stays in', async (minutes) => {
  const context = await browsing.open();
  await context.addInitScript((shift) => {
    const { now } = Date;
    Date.now = () => now() + shift;
    globalThis.Date = class extends Date {
      constructor(...given: []) {
        super(...((given.length ? given : [now() + shift]) as []));
      }
    } as DateConstructor;
  }, minutes * 60_000);
  const count = counts(context, world);
  const page = await signedIn(context, world, 'full', '/b');
  expect(Math.round((await page.evaluate(() => new Date().getTime() - performance.timeOrigin)) / 60_000)).toBe(minutes);
  await press(page, '20 orders');
  await page.getByText('200 order 20').waitFor();
  await patient(context);
  const another = await visit(context, world);
  await sees(another, { status: 'signed-in' });
  await press(another, 'Devices');
  await another.getByText('done: ').waitFor();
  // The one at the beginning, that found nobody: the second tab was told by the first.
  expect(count(REFRESH)).toBe(1);
});
