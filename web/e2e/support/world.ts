// A gateway, its mock of Kakao and a customer's front end, each on a port of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { startFront, type Front } from './front.js';
import { binary, freePort, start, type Running } from './process.js';
import { startWire, type Wire } from './wire.js';

export interface World {
  /** As browsers know the gateway. */
  gateway: string;
  mock: string;
  front: Front;
  wire: Wire;
  /** Lines of the gateway's log with this event. */
  logged: (event: string) => number;
  /** The next request at Kakao fails as the mock's README says. */
  fail: (fault: object) => Promise<void>;
  /** Everything at Kakao as at the start. */
  resetMock: () => Promise<void>;
  /** Ends the gateway at once; connections to it are refused from then on. */
  down: () => Promise<void>;
  /** Starts it again, at the same address and with the same database. */
  up: (settings?: Record<string, string>) => Promise<void>;
  close: () => Promise<void>;
}

export interface WorldOptions {
  /** More settings of the gateway. */
  settings?: Record<string, string>;
  /** The gateway's address is https, as behind a proxy with TLS; redirects to it lead nowhere here. */
  secure?: boolean;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'munjigi-e2e-'));
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return await build(options, folder, ends, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build({ settings = {}, secure }: WorldOptions, folder: string, ends: (() => unknown)[], close: () => Promise<void>): Promise<World> {
  const wire = await startWire();
  ends.push(wire.close);
  const front = await startFront(inject('bundle'), () => wire.url);
  ends.push(front.close);
  // Kakao is another site, and so is 127.0.0.1 to localhost: cookies are kept and sent as they are in earnest.
  const mock = `http://127.0.0.1:${await freePort()}`;
  const kakao = await start(
    binary(),
    ['mock-kakao', '--listen', new URL(mock).host, '--public-url', mock, '--client-id', 'key', '--client-secret', 'secret', '--admin-key', 'admin-key',
      '--redirect-uri', `${wire.url}/api/auth/kakao/callback`, '--redirect-uri', `${front.url}/callback`,
      '--unlink-webhook', `${wire.url}/api/webhooks/kakao/unlink`],
    folder,
    {},
    /mock Kakao on http/,
  );
  ends.push(() => kakao.stop());
  const usual = {
    APP_ENV: 'development',
    PUBLIC_URL: secure ? wire.url.replace('http:', 'https:') : wire.url,
    DATABASE_URL: `sqlite://${join(folder, 'munjigi.db')}`,
    JWT_SECRET_KEY: 'thirty-two bytes that nobody has to guess',
    KAKAO_CLIENT_ID: 'key',
    KAKAO_CLIENT_SECRET: 'secret',
    KAKAO_ADMIN_KEY: 'admin-key',
    KAKAO_AUTH_BASE_URL: mock,
    KAKAO_API_BASE_URL: mock,
    KAKAO_EXTRA_REDIRECT_URIS: `${front.url}/callback`,
    CORS_ALLOWED_ORIGINS: front.url,
    LOGIN_RETURN_URLS: front.url,
    RATE_LIMIT_LOGIN_PER_MINUTE: '0',
    LOG_FORMAT: 'json',
    ...settings,
  };
  let log = '';
  let gateway: Running | undefined;
  ends.push(() => gateway?.stop());
  const control = async (path: string, json: object) => {
    const answer = await fetch(mock + path, { method: 'POST', body: JSON.stringify(json) });
    if (!answer.ok) throw new Error(`${path} ${JSON.stringify(json)}: ${answer.status} ${await answer.text()}`);
  };

  const world: World = {
    gateway: wire.url,
    mock,
    front,
    wire,
    logged: (event) => (log + (gateway?.said() ?? '')).split(`"event":"${event}"`).length - 1,
    fail: (fault) => control('/__mock/next', fault),
    resetMock: () => control('/__mock/reset', {}),
    async down() {
      await gateway?.stop();
      log += gateway?.said() ?? '';
      gateway = undefined;
      await wire.cut();
    },
    async up(more = {}) {
      gateway = await start(binary(), ['serve'], folder, { ...usual, LISTEN_ADDR: '127.0.0.1:0', ...more }, /"listen":"127\.0\.0\.1:(\d+)"/);
      await wire.join(Number(gateway.found[1]));
    },
    close,
  };
  await world.up();
  return world;
}

/** The same world for all tests of a file, put in order before each. */
export function useWorld(options?: WorldOptions): World {
  const world = {} as World;
  beforeAll(async () => {
    Object.assign(world, await startWorld(options));
  });
  beforeEach(async () => {
    world.wire.reset();
    world.front.answered.length = 0;
    await world.resetMock();
  });
  afterAll(() => world.close?.());
  return world;
}
