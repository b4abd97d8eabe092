import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The distribution's browser: nothing is downloaded. */
export function findChromium(): string {
  const named = process.env['CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = (name: string) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name)));
  const found = (named ? [named] : ['/usr/bin/chromium', ...NAMES]).flatMap(places).find(isProgram);
  if (found) return found;
  throw new Error(named ? `CHROMIUM=${named} is no program` : 'Chromium is missing: apt-get install chromium, or set CHROMIUM');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    // Playwright switches the back-forward cache off; people have it on.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
