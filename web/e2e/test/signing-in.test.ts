// From the button to Kakao and back, by both flows.
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { counts, loginButton, REFRESH, see, sees, signedIn, signIn, somebodyNew, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const browsing = useBrowser();
const EXCHANGE = 'POST /api/auth/kakao/callback';

describe('the gateway owns the redirect URI (flow A)', () => {
  it('signs in and comes back to the page that was left', async () => {
    const context = await browsing.open();
    const page = await visit(context, world, '/?item=3');
    await sees(page, { status: 'signed-out', reason: 'initial' });
    await signIn(page);
    expect(await see(page)).toMatchObject({ name: expect.any(String), username: 'kakao_4000000001' });
    expect(page.url()).toBe(`${world.front.url}/?item=3`);
    expect(browsing.console.filter((line) => !/React DevTools/.test(line))).toEqual([]);
  });

  it('asks once under StrictMode', async () => {
    const context = await browsing.open();
    const count = counts(context, world);
    await signedIn(context, world);
    // One that found nobody, one with the new cookie.
    expect(count(REFRESH)).toBe(2);
  });

  it('says that somebody cancelled, with the address cleaned', async () => {
    const page = await visit(await browsing.open(), world, '/?item=3');
    await loginButton(page).click();
    await page.getByRole('button', { name: '취소' }).click();
    await page.getByRole('alert').getByText('KAKAO_LOGIN_CANCELLED').waitFor();
    expect(page.url()).toBe(`${world.front.url}/?item=3`);
    await sees(page, { status: 'signed-out' });
  });
});

describe('the app owns the redirect URI (flow B)', () => {
  it('signs in with one exchange and one success under StrictMode', async () => {
    const context = await browsing.open();
    const count = counts(context, world);
    const page = await visit(context, world, '/b');
    await signIn(page, somebodyNew());
    await page.getByText(`successes 1, new true, from ${world.front.url}/b`).waitFor();
    expect(count(EXCHANGE)).toBe(1);
    // Before the login only: the answer of the exchange is the session.
    expect(count(REFRESH)).toBe(1);
    expect(page.url()).toBe(`${world.front.url}/callback`);
  });

  it('says that somebody cancelled', async () => {
    const page = await visit(await browsing.open(), world, '/b');
    await loginButton(page).click();
    await page.getByRole('button', { name: '취소' }).click();
    await page.getByRole('alert').getByText('KAKAO_LOGIN_CANCELLED').waitFor();
    expect(page.url()).toBe(`${world.front.url}/callback`);
  });
});
