// Every page in both languages: axe-core finds nothing serious, and a keyboard is enough.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { findings } from '../support/axe.js';
import { useBrowser } from '../support/browser.js';
import { useDemo } from '../support/demo.js';
import { consent, failure, loginButton, sees, signedIn as signedInShop, somebodyNew, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const demo = useDemo();
const world = useWorld();
const browsing = useBrowser();

const languages = [
  { lang: 'ko', locale: 'ko-KR', login: '카카오 로그인', refresh: '갱신' },
  { lang: 'en', locale: 'en-US', login: 'Login with Kakao', refresh: 'Refresh' },
] as const;

/** What Swagger UI's own markup and colours break, and ours do not. */
const SWAGGER_UI = ['serious color-contrast', 'serious nested-interactive', 'critical select-name: #servers '];

describe.each(languages)('in $lang', ({ lang, locale, login, refresh }) => {
  const schemes = ['light', 'dark'] as const;
  const open = async (colorScheme: (typeof schemes)[number] = 'light') => (await browsing.open({ locale, colorScheme })).newPage();
  const isIn = async (page: Page) => expect(await page.locator('html').getAttribute('lang')).toBe(lang);
  const hasNone = async (page: Page) => expect(await findings(page)).toEqual([]);

  it.each(schemes)('demo page, %s', async (scheme) => {
    const page = await open(scheme);
    await page.goto(`${demo.url}/?lang=${lang}`);
    await isIn(page);
    await hasNone(page);
    await page.getByRole('link', { name: login }).click();
    await consent(page, 'full');
    await page.getByRole('button', { name: refresh, exact: true }).waitFor();
    await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
    await hasNone(page);
  });

  it.each(schemes)('account page, signed out and signed in, %s', async (scheme) => {
    const page = await open(scheme);
    await page.goto(`${world.gateway}/account?lang=${lang}`);
    await isIn(page);
    await hasNone(page);
    await page.getByRole('link', { name: login }).click();
    await consent(page, somebodyNew());
    await page.locator('#devices').waitFor();
    await isIn(page);
    await hasNone(page);
  });

  it.each(schemes)('error page, %s', async (scheme) => {
    const page = await open(scheme);
    await page.goto(`${world.gateway}/api/auth/kakao/callback?code=c&state=s`);
    await isIn(page);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.locator('summary').click();
    await hasNone(page);
  });

  it.each(['/docs/errors', '/docs/errors/KAKAO_CODE_USED', '/docs/errors/KOE006', '/docs/errors/KOE999'])('the pages of error codes: %s', async (path) => {
    const page = await (await browsing.open({ locale })).newPage();
    await page.goto(`${world.gateway}${path}?lang=${lang}`);
    await isIn(page);
    await hasNone(page);
  });

  it('what the npm package draws', async () => {
    const context = await browsing.open({ locale });
    const page = await visit(context, world, `/?lang=${lang}`);
    await sees(page, { status: 'signed-out' });
    await hasNone(page);
    await page.getByRole('button', { name: login }).click();
    await page.getByRole('button', { name: '취소' }).click();
    await failure(page, 'KAKAO_LOGIN_CANCELLED');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await hasNone(page);
  });
});

describe('API documentation, which is in both languages at once', () => {
  it('the bar above Swagger UI, which is somebody else’s', async () => {
    const page = await (await browsing.open()).newPage();
    await page.goto(`${demo.url}/docs`);
    await page.locator('#ui .opblock').first().waitFor();
    const known = (finding: string) => SWAGGER_UI.some((rule) => finding.startsWith(rule));
    expect((await findings(page)).filter((finding) => !known(finding))).toEqual([]);
    expect(await findings(page, { exclude: ['#ui'] })).toEqual([]);
    await page.getByRole('link', { name: '카카오 로그인' }).click();
    await consent(page);
    await page.getByRole('status').getByText('Signed in as').waitFor();
    expect(await findings(page, { exclude: ['#ui'] })).toEqual([]);
    const operation = page.locator('.opblock', { hasText: '/api/protected' });
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    const answer = page.waitForResponse((response) => response.url().endsWith('/api/protected'));
    await operation.getByRole('button', { name: 'Execute' }).click();
    expect((await answer).status()).toBe(200);
  });
});

describe('the mock, which speaks Korean only', () => {
  it.each([
    ['list of people', '/'],
    ['account, nobody signed in', '/__mock/account'],
    ['webhooks', '/__mock/webhooks'],
    ['error', '/oauth/authorize?client_id=none'],
  ])('%s', async (_, path) => {
    const page = await (await browsing.open()).newPage();
    await page.goto(world.mock + path);
    expect(await findings(page)).toEqual([]);
  });

  it('consent, account and logout of somebody signed in, a webhook that was sent', async () => {
    const page = await visit(await browsing.open(), world);
    await loginButton(page).click();
    await page.getByText('다음 응답을 실패시키기').click();
    expect(await findings(page)).toEqual([]);
    await consent(page);
    await sees(page, { status: 'signed-in' });
    await page.goto(`${world.mock}/__mock/account`);
    expect(await findings(page)).toEqual([]);
    await page.goto(`${world.mock}/oauth/logout?client_id=key&logout_redirect_uri=${encodeURIComponent(world.gateway)}`);
    await page.getByRole('heading', { name: '로그아웃할까요?' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.goto(`${world.mock}/__mock/webhooks`);
    await page.getByRole('button', { name: '연결 해제 보내기' }).click();
    await page.getByText('카카오가 기대하는 응답').first().waitFor();
    expect(await findings(page)).toEqual([]);
  });
});

describe('a keyboard alone', () => {
  /** Tab until this has the focus, which has to be seen. */
  async function tabTo(page: Page, name: string | RegExp) {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        const one = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
        const label = (one as HTMLInputElement).labels?.[0]?.textContent;
        return { name: (one.getAttribute('aria-label') ?? label ?? one.textContent ?? '').trim(), isSeen: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' };
      });
      if (typeof name === 'string' ? focused.name === name : name.test(focused.name)) return expect(focused.isSeen, `focus on ${name}`).toBe(true);
    }
    throw new Error(`${name} cannot be reached with Tab`);
  }

  it('signs in to an app and out again', async () => {
    const page = await visit(await browsing.open(), world);
    await sees(page, { status: 'signed-out' });
    await tabTo(page, '카카오 로그인');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '누구로 로그인할까요?' }).waitFor();
    await tabTo(page, /^모두 동의/);
    await page.keyboard.press('ArrowDown');
    await tabTo(page, '동의하고 계속하기');
    await page.keyboard.press('Enter');
    await sees(page, { status: 'signed-in', username: 'kakao_4000000002' });
    await tabTo(page, 'Sign out');
    await page.keyboard.press('Space');
    await sees(page, { status: 'signed-out', reason: 'user' });
  });

  it('signs in to the demo, calls the API, signs out', async () => {
    const page = await (await browsing.open()).newPage();
    await page.goto(demo.url);
    await tabTo(page, '카카오 로그인');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '누구로 로그인할까요?' }).waitFor();
    await tabTo(page, /^모두 동의/);
    await tabTo(page, '동의하고 계속하기');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '갱신', exact: true }).waitFor();
    await tabTo(page, '/api/protected 호출');
    await page.keyboard.press('Enter');
    await page.getByText('"user_id"').waitFor();
    await tabTo(page, '로그아웃');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '카카오 로그인' }).waitFor();
  });

  it('signs a device out on the account page', async () => {
    const context = await browsing.open();
    await signedInShop(context, world, somebodyNew());
    const page = await context.newPage();
    await page.goto(`${world.gateway}/account`);
    await tabTo(page, /^Chrom(e|ium).*로그아웃$/);
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('로그아웃했습니다.').waitFor();
  });
});

describe('policies', () => {
  it('allow no inline script anywhere, and inline styles to Swagger UI alone', async () => {
    const context = await browsing.open();
    const policies: Record<string, string> = {};
    for (const path of ['/', '/account', '/docs', '/api/auth/kakao/callback?code=c&state=s']) {
      const answer = await context.request.get(demo.url + path, { headers: { Accept: 'text/html' } });
      policies[path] = answer.headers()['content-security-policy'] ?? '';
    }
    for (const [path, policy] of Object.entries(policies)) {
      expect(policy, path).toMatch(/default-src 'none'/);
      expect(policy, path).not.toMatch(/script-src[^;]*unsafe/);
      if (path !== '/docs') expect(policy, path).not.toContain('unsafe');
    }
  });
});
