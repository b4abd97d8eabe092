// What people do in the customer's app and at Kakao, and what they see.
import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { World } from './world.js';

export type Flow = 'a' | 'b';

export const REFRESH = 'POST /api/auth/refresh';

/** What the app shows of the session. */
export interface Seen {
  status: string;
  reason?: string;
  name?: string;
  username?: string;
  session?: string;
  code?: string;
}

export const see = (page: Page): Promise<Seen> =>
  page.locator('#session').evaluate((list) => {
    const terms = [...list.querySelectorAll('dt')];
    return Object.fromEntries(terms.map((term) => [term.textContent, term.nextElementSibling!.textContent])) as unknown as Seen;
  });

export const sees = (page: Page, wanted: Partial<Seen>) => expect.poll(() => see(page)).toMatchObject(wanted);

export const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

export const loginButton = (page: Page) => page.getByRole('button', { name: '카카오 로그인' });

export async function visit(context: BrowserContext, world: World, path = '/'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(world.front.url + path);
  return page;
}

export const FINISH = 'GET /api/auth/kakao/callback';
export const EXCHANGE = 'POST /api/auth/kakao/callback';

/** The address Kakao sends a browser back to, which that browser never reaches. */
export async function stolenCallback(world: World, context: BrowserContext, page: Page, person: string): Promise<URL> {
  const isCallback = (url: URL) => url.pathname.endsWith('/callback') && url.searchParams.has('code');
  const found = new Promise<URL>((resolve) => {
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (isCallback(url)) resolve(url);
    });
  });
  const held = world.wire.holdRequests(FINISH);
  await context.route((url) => url.origin === world.front.url && isCallback(url), (route) => route.abort());
  await loginButton(page).click();
  // Ends with an error when the page goes nowhere.
  consent(page, person).catch(() => {});
  const url = await found;
  // The browser tells of a request before it sends it: let go any earlier, a late one would pass and spend the code.
  if (url.origin === world.gateway) await expect.poll(held.count).toBe(1);
  await context.close();
  world.wire.reset();
  return url;
}

let people = 5_000_000_000;

/** Somebody the gateway has never seen. */
export const somebodyNew = () => `${(people += 1)}`;

/** On the mock's page: chooses somebody, by a name of the mock's or any number, and agrees. */
export async function consent(page: Page, person = 'full') {
  const isNumber = /^\d+$/.test(person);
  await page.locator(`input[name=person][value="${isNumber ? '' : person}"]`).check();
  if (isNumber) await page.getByRole('textbox', { name: '카카오계정' }).fill(person);
  await page.getByRole('button', { name: '동의하고 계속하기' }).click();
}

/** The app's word for what went wrong. */
export const failure = (page: Page, code: string) => page.getByRole('alert').getByText(code).waitFor();

/** From the app's button to the app again. */
export async function signIn(page: Page, person = 'full') {
  await loginButton(page).click();
  await consent(page, person);
  await sees(page, { status: 'signed-in' });
}

/** A browser in which somebody is signed in, on the page returned. */
export async function signedIn(context: BrowserContext, world: World, person = 'full', path = '/'): Promise<Page> {
  const page = await visit(context, world, path);
  await signIn(page, person);
  return page;
}

/** How often the pages called one of the gateway's routes, by the browser's own account. */
export function counts(context: BrowserContext, world: World): (route: string) => number {
  const calls: string[] = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === world.gateway) calls.push(`${request.method()} ${url.pathname}`);
  });
  return (route) => calls.filter((call) => call === route).length;
}

/** Tokens tell seconds. Of two logins in one second no tab can say which was the later. */
export async function anotherSecond() {
  const now = () => Math.floor(Date.now() / 1000);
  const before = now();
  await expect.poll(now).not.toBe(before);
}
