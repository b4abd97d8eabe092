// The table of docs on tabs and refresh tokens, row by row: what the client does, against a gateway that lets nobody present a
// token twice ("strict") and against the gateway as it is.
import type { BrowserContext } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { patient, useBrowser } from '../support/browser.js';
import { counts, press, REFRESH, see, sees, signedIn, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const browsing = useBrowser();
const TABS = 8;
/** A browser has no more to one host; the other tabs' requests wait in it, with the cookie they have. */
const CONNECTIONS = 6;

/** Browsers that lack something the client makes use of. */
const without = {
  nothing: () => {},
  channel: () => Reflect.deleteProperty(globalThis, 'BroadcastChannel'),
  'locks and channel': () => {
    Reflect.deleteProperty(globalThis, 'BroadcastChannel');
    Object.defineProperty(navigator, 'locks', { value: undefined });
  },
};

const gateways = [
  { gateway: 'strict', settings: { REFRESH_REUSE_WINDOW_SECONDS: '0', REFRESH_RECOVERY_HOURS: '0' } },
  { gateway: 'as it is', settings: {} },
] as const;

describe.each(gateways)('gateway $gateway', ({ gateway, settings }) => {
  const world = useWorld({ settings });
  const isStrict = gateway === 'strict';
  let context: BrowserContext;
  let count: (route: string) => number;
  let alarmsBefore: number;
  const alarms = () => world.logged('refresh_reused') - alarmsBefore;

  /** Somebody is signed in and has closed all tabs. */
  async function comingBack(lacking: keyof typeof without) {
    context = await browsing.open();
    await context.addInitScript(without[lacking]);
    await (await signedIn(context, world)).close();
    count = counts(context, world);
  }

  beforeEach(() => {
    alarmsBefore = world.logged('refresh_reused');
  });

  /** Opens tabs and says how many are signed in once all know. */
  async function open(all: 'at once' | 'in turn', meanwhile = async () => {}) {
    const pages = await Promise.all(Array.from({ length: TABS }, () => context.newPage()));
    const load = async (page: (typeof pages)[0]) => {
      await page.goto(world.front.url);
      if (all === 'in turn') await sees(page, { status: 'signed-in' });
    };
    if (all === 'in turn') for (const page of pages) await load(page);
    else await Promise.all([...pages.map(load), meanwhile()]);
    const states = await Promise.all(
      pages.map(async (page) => {
        await expect.poll(async () => (await see(page)).status).toMatch(/signed|error/);
        return (await see(page)).status;
      }),
    );
    return states.filter((status) => status === 'signed-in').length;
  }

  it('8 tabs at once, nothing on the client', async () => {
    await comingBack('locks and channel');
    // All of them send the same token.
    const held = world.wire.holdRequests(REFRESH);
    const signedInTabs = await open('at once', async () => {
      await expect.poll(held.count).toBe(CONNECTIONS);
      held.release();
    });
    expect({ tabs: signedInTabs, calls: count(REFRESH), alarms: alarms() }).toEqual({ tabs: isStrict ? 1 : 8, calls: 8, alarms: isStrict ? 1 : 0 });
  });

  it('8 tabs at once, Web Locks', async () => {
    await comingBack('channel');
    world.wire.slow(REFRESH, 50);
    expect({ tabs: await open('at once'), calls: count(REFRESH), alarms: alarms() }).toEqual({ tabs: 8, calls: 8, alarms: 0 });
  });

  it.each(['at once', 'in turn'] as const)('8 tabs %s, Web Locks and BroadcastChannel', async (all) => {
    await comingBack('nothing');
    await patient(context);
    world.wire.slow(REFRESH, 200);
    expect({ tabs: await open(all), calls: count(REFRESH), alarms: alarms() }).toEqual({ tabs: 8, calls: 1, alarms: 0 });
  });

  it('a tab closed during its refresh', async () => {
    await comingBack('nothing');
    const held = world.wire.holdAnswers(REFRESH);
    const closed = await visit(context, world);
    await expect.poll(held.count).toBe(1);
    await closed.close();
    await expect.poll(held.abandoned).toBe(1);
    held.release();
    const next = await visit(context, world);
    await sees(next, { status: isStrict ? 'signed-out' : 'signed-in' });
    expect(alarms()).toBe(isStrict ? 1 : 0);
  });

  it('an answer lost after the rotation', async () => {
    await comingBack('nothing');
    const page = await visit(context, world);
    await sees(page, { status: 'signed-in' });
    const before = count(REFRESH);
    world.wire.loseAnswer(REFRESH);
    await press(page, 'Refresh');
    await page.getByText(isStrict ? 'done: "nobody"' : 'done: "token"').waitFor();
    await sees(page, isStrict ? { status: 'signed-out', reason: 'reuse-detected' } : { status: 'signed-in' });
    expect({ calls: count(REFRESH) - before, alarms: alarms() }).toEqual({ calls: 2, alarms: isStrict ? 1 : 0 });
  });
});
