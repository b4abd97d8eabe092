// Pictures for README and docs, of `munjigi demo` as it is: MUNJIGI_BIN=… npm run pictures -w munjigi-e2e (Node.js 20.15 or newer).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { withPalette } from './palette.mjs';

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1000, height: 720 };
const LARGEST = 120 * 1024;

const binary = process.env.MUNJIGI_BIN;
if (!binary) throw new Error('MUNJIGI_BIN is to name the gateway');

const data = mkdtempSync(join(tmpdir(), 'munjigi-pictures-'));
const demo = spawn(binary, ['demo', '--listen', '127.0.0.1:0', '--data-dir', data], {
  cwd: data,
  env: { PATH: process.env.PATH, LOG_LEVEL: 'error' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => demo.once('exit', resolve));
const url = await new Promise((resolve, reject) => {
  let said = '';
  demo.once('error', reject);
  demo.once('exit', (code) => reject(new Error(`${binary} ended with ${code}`)));
  demo.stdout.on('data', (text) => {
    const found = /Try it +(http:\S+?)\/ /.exec((said += text));
    if (found) resolve(found[1]);
  });
});

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

const languages = [
  { lang: 'ko', locale: 'ko-KR', login: '카카오 로그인', refresh: '갱신' },
  { lang: 'en', locale: 'en-US', login: 'Login with Kakao', refresh: 'Refresh' },
];

/** A picture of what is seen without scrolling. */
async function take(page, name, lang) {
  await page.evaluate(() => document.fonts.ready);
  const png = withPalette(await page.screenshot({ animations: 'disabled' }));
  console.log(`${name}.${lang}.png ${Math.round(png.length / 1024)} KB`);
  if (png.length > LARGEST) throw new Error(`${name}.${lang}.png is too large`);
  writeFileSync(join(FOLDER, `${name}.${lang}.png`), png);
}

async function pictures({ lang, locale, login, refresh }) {
  const open = async (viewport) => {
    const context = await browser.newContext({ locale, viewport, deviceScaleFactor: 2, colorScheme: 'light' });
    return context.newPage();
  };
  const page = await open(PHONE);
  await page.goto(`${url}/?lang=${lang}`);
  await page.getByRole('link', { name: login }).waitFor();
  await take(page, 'demo-signed-out', lang);
  await page.getByRole('link', { name: login }).click();
  await page.getByRole('radio').first().waitFor();
  await take(page, 'mock-consent', lang);
  await page.locator('input[value=nickname-only]').check();
  await page.getByRole('button', { name: '동의하고 계속하기' }).click();
  await page.getByRole('button', { name: refresh, exact: true }).waitFor();
  await take(page, 'demo-signed-in', lang);
  await page.goto(`${url}/account?lang=${lang}`);
  await take(page, 'account', lang);
  await page.goto(`${url}/api/auth/kakao/callback?code=c&state=s`);
  await take(page, 'error', lang);

  const desk = await open(DESK);
  await desk.goto(`${url}/docs`);
  await desk.locator('#ui .opblock').first().waitFor();
  await take(desk, 'api-docs', lang);
}

try {
  mkdirSync(FOLDER, { recursive: true });
  for (const language of languages) await pictures(language);
} finally {
  await browser.close();
  demo.kill();
  await ended;
  rmSync(data, { recursive: true, force: true });
}
