// `munjigi demo`: what somebody who has just installed it sees.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { binary, start } from './process.js';

export interface Demo {
  url: string;
  mock: string;
  stop: () => Promise<void>;
}

export async function startDemo(settings: Record<string, string> = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'munjigi-e2e-'));
  const args = ['demo', '--listen', '127.0.0.1:0', '--data-dir', join(folder, 'data')];
  const env = { RATE_LIMIT_LOGIN_PER_MINUTE: '0', ...settings };
  const running = await start(binary(), args, folder, env, /Try it +(http:\S+?)\/ [^]*Mock Kakao +(http:\S+?)\//);
  return {
    url: running.found[1]!,
    mock: running.found[2]!,
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One for all tests of a file. */
export function useDemo(): Demo {
  const demo = {} as Demo;
  beforeAll(async () => {
    Object.assign(demo, await startDemo());
  });
  afterAll(() => demo.stop?.());
  return demo;
}
