// The demo page, in both languages, by what its controls are called.
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { useDemo } from '../support/demo.js';
import { consent, somebodyNew } from '../support/shop.js';

const demo = useDemo();
const browsing = useBrowser();

const languages = [
  { lang: 'ko', login: '카카오 로그인', refresh: '갱신', signOut: '로그아웃', everywhere: '모든 기기에서 로그아웃', call: '/api/protected 호출' },
  { lang: 'en', login: 'Login with Kakao', refresh: 'Refresh', signOut: 'Sign out', everywhere: 'Sign out everywhere', call: 'Call /api/protected' },
] as const;

describe.each(languages)('in $lang', ({ lang, login, refresh, signOut, everywhere, call }) => {
  const loginLink = (page: Page) => page.getByRole('link', { name: login });
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  async function open(context: BrowserContext) {
    const page = await context.newPage();
    await page.goto(`${demo.url}/?lang=${lang}`);
    return page;
  }

  async function signedIn(context: BrowserContext, person = somebodyNew()) {
    const page = await open(context);
    await loginLink(page).click();
    await consent(page, person);
    await page.getByRole('button', { name: refresh, exact: true }).waitFor();
    return page;
  }

  it('signs in, calls, refreshes, signs out', async () => {
    const person = somebodyNew();
    const page = await signedIn(await browsing.open(), person);
    expect(await page.locator('html').getAttribute('lang')).toBe(lang);
    await page.getByText(`kakao_${person}`).first().waitFor();
    expect(await loginLink(page).isVisible()).toBe(false);

    const answer = page.waitForResponse((response) => response.url().endsWith('/api/protected'));
    await press(page, call);
    expect((await answer).status()).toBe(200);
    await page.getByText('"user_id"').waitFor();

    const refreshed = page.waitForResponse((response) => response.url().endsWith('/api/auth/refresh'));
    await press(page, refresh);
    expect((await refreshed).status()).toBe(200);

    await press(page, signOut);
    await loginLink(page).waitFor();
    await page.reload();
    await loginLink(page).waitFor();
    expect(await page.getByRole('button', { name: refresh, exact: true }).isVisible()).toBe(false);
  });

  it('signs out everywhere', async () => {
    const person = somebodyNew();
    const here = await signedIn(await browsing.open(), person);
    const there = await signedIn(await browsing.open(), person);
    await press(here, everywhere);
    await loginLink(here).waitFor();
    await there.reload();
    await loginLink(there).waitFor();
  });

  it('says that somebody cancelled, with the address cleaned', async () => {
    const page = await open(await browsing.open());
    await loginLink(page).click();
    await page.getByRole('button', { name: '취소' }).click();
    await page.getByRole('alert').getByText('KAKAO_LOGIN_CANCELLED').waitFor();
    expect(page.url()).not.toMatch(/error|request_id/);
    await loginLink(page).waitFor();
  });

  it('signs in with JavaScript switched off', async () => {
    const context = await browsing.open({ javaScriptEnabled: false });
    const page = await open(context);
    await loginLink(page).click();
    await consent(page, somebodyNew());
    await page.waitForURL((url) => url.origin === demo.url);
    expect((await context.cookies(demo.url)).map(({ name }) => name)).toContain('munjigi_rt');
    await page.goto(`${demo.url}/account?lang=${lang}`);
    await page.getByRole('heading', { level: 1, name: lang === 'ko' ? '내 계정' : 'Your account' }).waitFor();
  });

  it('is usable at 320 px', async () => {
    const page = await signedIn(await browsing.open({ viewport: { width: 320, height: 640 } }));
    const { wide, small } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      small: [...document.querySelectorAll('button, .kakao-button')].filter((one) => one.getBoundingClientRect().height > 0 && one.getBoundingClientRect().height < 44).map((one) => one.textContent),
    }));
    expect(wide).toBe(320);
    expect(small).toEqual([]);
  });
});
