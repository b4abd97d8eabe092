// From the button to Kakao and back, by both flows.
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { consent, counts, EXCHANGE, failure, FINISH, loginButton, press, REFRESH, see, sees, signedIn, signIn, somebodyNew, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const browsing = useBrowser();

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
    await failure(page, 'KAKAO_LOGIN_CANCELLED');
    expect(page.url()).toBe(`${world.front.url}/?item=3`);
    await sees(page, { status: 'signed-out' });
    await press(page, '다시 시도');
    await consent(page);
    await sees(page, { status: 'signed-in' });
  });

  it('gives the same session to the same address opened twice', async () => {
    const context = await browsing.open();
    const page = await visit(context, world);
    const held = world.wire.holdAnswers(FINISH);
    const callback = page.waitForRequest((request) => new URL(request.url()).pathname === '/api/auth/kakao/callback');
    await loginButton(page).click();
    const agreed = consent(page, somebodyNew());
    const address = (await callback).url();
    await expect.poll(held.count).toBe(1);
    const twin = await context.newPage();
    held.release();
    await Promise.all([agreed, twin.goto(address)]);
    await sees(page, { status: 'signed-in' });
    await sees(twin, { status: 'signed-in', session: (await see(page)).session! });
    await press(twin, 'Devices');
    await twin.getByText('done: 1').waitFor();
  });

  it('finishes although the answer of the callback was lost', async () => {
    const context = await browsing.open();
    const page = await visit(context, world);
    world.wire.loseAnswer(FINISH);
    await loginButton(page).click();
    await consent(page).catch(() => {});
    await page.waitForURL('chrome-error://chromewebdata/');
    await page.reload();
    await sees(page, { status: 'signed-in' });
  });

  it('keeps the session when somebody goes back to Kakao, and offers to start over', async () => {
    const page = await signedIn(await browsing.open(), world);
    const { session } = await see(page);
    await page.goBack();
    await failure(page, 'LOGIN_STATE_INVALID');
    await sees(page, { status: 'signed-in', session: session! });
    await press(page, '다시 시도');
    await sees(page, { status: 'signed-in' });
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  it('is a link that a click with the middle button opens elsewhere', async () => {
    const context = await browsing.open();
    const page = await visit(context, world, '/link');
    const [other] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: '카카오 로그인' }).click({ button: 'middle' }),
    ]);
    await consent(other);
    await sees(other, { status: 'signed-in' });
    expect(page.url()).toBe(`${world.front.url}/link`);
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
    await failure(page, 'KAKAO_LOGIN_CANCELLED');
    expect(page.url()).toBe(`${world.front.url}/callback`);
  });

  it('starts afresh when the page is loaded again before the answer', async () => {
    const context = await browsing.open();
    const page = await visit(context, world, '/b');
    const held = world.wire.holdAnswers(EXCHANGE);
    await loginButton(page).click();
    await consent(page);
    await expect.poll(held.count).toBe(1);
    await page.reload();
    held.release();
    await sees(page, { status: 'signed-out' });
    await loginButton(page).click();
    await sees(page, { status: 'signed-in' });
  });

  it('posts again when the answer was lost: the same session', async () => {
    const context = await browsing.open();
    const count = counts(context, world);
    const page = await visit(context, world, '/b');
    world.wire.loseAnswer(EXCHANGE);
    await signIn(page, somebodyNew());
    expect(count(EXCHANGE)).toBe(2);
    await press(page, 'Devices');
    await page.getByText('done: 1').waitFor();
  });

  it('knows who is there when the page is loaded again', async () => {
    const page = await signedIn(await browsing.open(), world, 'full', '/b');
    await page.reload();
    await sees(page, { status: 'signed-in' });
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('survives somebody going back to Kakao, who sends another code', async () => {
    const page = await signedIn(await browsing.open(), world, 'full', '/b');
    await page.goBack();
    await sees(page, { status: 'signed-in' });
    expect(new URL(page.url()).search).toBe('');
  });
});
