// One browser a file, one context a test: a context is a person's browser, with cookies of its own.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, type TestContext } from 'vitest';
import { launch } from './chromium.js';

const TIME_LIMIT = 20_000;

export interface Browsing {
  /** Another person's browser, or another device. */
  open: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** Everything the pages wrote to their consoles. */
  console: string[];
  /** Breaches of a policy that this test is about. */
  expectBreach: (of: RegExp) => void;
}

/** Pages of all contexts are watched: nothing may break a policy or throw. */
export function useBrowser(): Browsing {
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  const lines: string[] = [];
  let faults: string[] = [];
  let expected: RegExp | undefined;

  beforeAll(async () => {
    browser = await launch(inject('chromium'));
  });
  afterAll(() => browser?.close());
  beforeEach(() => {
    lines.length = 0;
    faults = [];
    expected = undefined;
  });
  afterEach(async (test) => {
    if (test.task.result?.state === 'fail') await keepEvidence(test, contexts, lines);
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    expect(faults.filter((fault) => !expected?.test(fault))).toEqual([]);
  });

  return {
    console: lines,
    expectBreach: (of) => void (expected = of),
    async open(options = {}) {
      const context = await browser.newContext({ locale: 'ko-KR', viewport: { width: 1000, height: 800 }, ...options });
      contexts.push(context);
      context.setDefaultTimeout(TIME_LIMIT);
      context.on('weberror', (error) => faults.push(String(error.error().stack)));
      context.on('console', (message) => {
        const line = `${message.type()} ${message.page()?.url()} ${message.text()}`;
        lines.push(line);
        if (/Content.Security.Policy|Mixed Content/i.test(message.text())) faults.push(line);
      });
      return context;
    },
  };
}

/**
 * Pages loaded from now on wait for another tab's token until it comes: they wait 60 ms, and with much else to do on the machine that
 * may be too short for a test that counts refreshes. Nothing else in the pages waits exactly so long.
 */
export const patient = (context: BrowserContext) =>
  context.addInitScript(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = ((work: () => void, ms?: number, ...given: []) => setTimeout(work, ms === 60 ? 5_000 : ms, ...given)) as typeof setTimeout;
  });

/** A picture of each page and what the consoles said; the message of the failure says where. */
async function keepEvidence({ task }: TestContext, contexts: BrowserContext[], lines: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'munjigi-e2e-failed-'));
  const pages = contexts.flatMap((context) => context.pages());
  await Promise.all(
    pages.map(async (page, index) => {
      await page.screenshot({ path: join(folder, `page-${index + 1}.png`), timeout: 5_000 }).catch(() => {});
      lines.push(`at the end: ${page.url()}`);
    }),
  );
  writeFileSync(join(folder, 'console.log'), lines.join('\n') + '\n');
  for (const error of task.result?.errors ?? []) error.message += `\nscreenshots and console.log: ${folder}`;
}
