// The account page, with JavaScript switched off.
import type { BrowserContext, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { consent, sees, signedIn as signedInShop, somebodyNew, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const browsing = useBrowser();
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

const plain = (userAgent = WINDOWS) => browsing.open({ javaScriptEnabled: false, userAgent });
const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const devices = (page: Page) => page.getByRole('list').filter({ hasText: '이 기기' }).getByRole('listitem');

async function signedIn(context: BrowserContext, person: string) {
  const page = await context.newPage();
  await page.goto(`${world.gateway}/account`);
  await title(page, '로그인되어 있지 않습니다');
  await page.getByRole('link', { name: '카카오 로그인' }).click();
  await consent(page, person);
  // Kakao is another site: the page sends itself on before it sees the cookie.
  await title(page, '내 계정');
  return page;
}

it('shows who is signed in, and where', async () => {
  const page = await signedIn(await plain(), '7000001');
  await page.getByText('7000001@example.com').waitFor();
  expect(await devices(page).count()).toBe(1);
  await devices(page).getByText('Chrome, Windows').waitFor();
  await page.getByRole('link', { name: 'English' }).click();
  await title(page, 'Your account');
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

it('signs out another device, which learns of it', async () => {
  const person = somebodyNew();
  const page = await signedIn(await plain(), person);
  const other = await signedIn(await plain(IPHONE), person);
  await page.reload();
  expect(await devices(page).count()).toBe(2);
  await page.getByRole('button', { name: 'Safari, iPhone 로그아웃' }).click();
  await page.getByRole('status').getByText('그 기기에서 로그아웃했습니다.').waitFor();
  expect(await devices(page).count()).toBe(1);
  await other.reload();
  await title(other, '로그인되어 있지 않습니다');
});

it('signs out all others, and everywhere', async () => {
  const person = somebodyNew();
  const page = await signedIn(await plain(), person);
  const other = await signedIn(await plain(IPHONE), person);
  await page.reload();
  await page.getByRole('button', { name: '다른 기기 모두 로그아웃' }).click();
  await page.getByRole('status').getByText('다른 기기에서 모두 로그아웃했습니다.').waitFor();
  await other.reload();
  await title(other, '로그인되어 있지 않습니다');
  await page.getByRole('button', { name: '모든 기기에서 로그아웃' }).click();
  await title(page, '로그인되어 있지 않습니다');
  await page.getByRole('status').getByText('모든 기기에서 로그아웃했습니다.').waitFor();
});

it('ends the session of an app that is open in the same browser', async () => {
  const context = await browsing.open();
  const shop = await signedInShop(context, world, somebodyNew());
  const page = await context.newPage();
  await page.goto(`${world.gateway}/account`);
  await page.getByRole('button', { name: '모든 기기에서 로그아웃' }).click();
  await title(page, '로그인되어 있지 않습니다');
  await shop.getByRole('button', { name: 'Refresh' }).click();
  await sees(shop, { status: 'signed-out' });
});

it('lets somebody leave who has typed the word, and knows nobody afterwards', async () => {
  const person = somebodyNew();
  const page = await signedIn(await plain(), person);
  const id = await page.locator('dd code').first().textContent();
  await page.getByLabel('확인을 위해 “탈퇴”를 입력하세요').fill('아니요');
  await page.getByRole('button', { name: '탈퇴하기' }).click();
  // The browser itself minds.
  expect(page.url()).not.toContain('done=');
  await page.getByLabel('확인을 위해 “탈퇴”를 입력하세요').fill('탈퇴');
  await page.getByRole('button', { name: '탈퇴하기' }).click();
  await page.getByRole('status').getByText('탈퇴했습니다. 개인정보를 지웠습니다.').waitFor();
  await title(page, '로그인되어 있지 않습니다');
  await page.getByRole('link', { name: '카카오 로그인' }).click();
  await consent(page, person);
  await title(page, '내 계정');
  expect(await page.locator('dd code').first().textContent()).not.toBe(id);
});

it('refuses a form that another page sends', async () => {
  const context = await browsing.open();
  const page = await signedIn(context, somebodyNew());
  const foreign = await visit(context, world, '/app.js');
  await foreign.evaluate((action) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    form.append(Object.assign(document.createElement('input'), { name: 'end', value: 'all' }));
    document.body.append(form);
    form.submit();
  }, `${world.gateway}/account/sessions`);
  await foreign.waitForURL(`${world.gateway}/account/sessions`);
  await foreign.getByText('CSRF_REFUSED').first().waitFor();
  await page.reload();
  await title(page, '내 계정');
});
