// A mock Kakao, a gateway, and in front of it a door that counts who asks for the keys, can be shut or broken,
// refuses as if tokens had expired, and publishes one key more.
// With that key the tests sign what the gateway never would: tokens with exactly one fault.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, request as ask } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { run, start, stop, until } from './processes.mjs';
import { challenge, consent } from './sign-in.mjs';

const KEYS = '/.well-known/jwks.json';
const PUBLISHED_AHEAD = 600_000;
const secret = () => randomBytes(48).toString('base64');

/** `publicUrl`: when people come by another address than the door's. */
export async function startWorld({ munjigi, python, publicUrl, origins = [], clientsFile }) {
  const folder = mkdtempSync(join(tmpdir(), 'munjigi-recipe-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const own = { ...(await exportJWK(publicKey)), kid: 'recipes', alg: 'ES256', use: 'sig' };
  const door = { port: undefined, to: undefined, isShut: false, isBroken: false, keysAsked: 0, refuses: () => false };
  const server = createServer((request, answer) => pass(request, answer, door, own));
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${server.address().port}`;

  const client = ['the-rest-api-key', 'the-client-secret-of-32-letters!'];
  const mock = start(munjigi, ['mock-kakao', '--listen', '127.0.0.1:0', '--client-id', client[0], '--client-secret', client[1]], { cwd: folder });
  const kakao = await until(mock, 'the mock does not start', () => /mock Kakao on (http:\/\/localhost:\d+)/.exec(mock.heard)?.[1]);

  const env = {
    APP_ENV: 'development',
    LISTEN_ADDR: '127.0.0.1:0',
    PUBLIC_URL: publicUrl ?? url,
    DATABASE_URL: `sqlite://${folder}/munjigi.db`,
    JWT_SECRET_KEY: secret(),
    KAKAO_CLIENT_ID: client[0],
    KAKAO_CLIENT_SECRET: client[1],
    KAKAO_AUTH_BASE_URL: kakao,
    KAKAO_API_BASE_URL: kakao,
    KAKAO_EXTRA_REDIRECT_URIS: 'http://localhost:3000/callback',
    CORS_ALLOWED_ORIGINS: origins.join(','),
    LOGIN_RETURN_URLS: origins.join(','),
    ...(clientsFile && { OAUTH_CLIENTS_FILE: clientsFile }),
    RATE_LIMIT_LOGIN_PER_MINUTE: '0',
    LOG_FORMAT: 'json',
  };
  let gateway;
  async function open() {
    gateway = start(munjigi, ['serve'], { cwd: folder, env });
    door.to = await until(gateway, 'the gateway does not start', () => /"event":"started".*"listen":"127\.0\.0\.1:(\d+)"/.exec(gateway.heard)?.[1]);
  }
  await open();

  return {
    url,
    issuer: publicUrl ?? url,
    door,
    extraKey: { privateKey, kid: own.kid },
    jwks: async () => (await (await fetch(url + KEYS)).json()).keys,

    /** Flow B, as an app does it that owns the redirect URI. */
    async signIn(person = 'full') {
      const { verifier, hash } = challenge();
      const redirect = encodeURIComponent('http://localhost:3000/callback');
      const begun = await (await fetch(`${url}/api/auth/kakao/login-url?redirect_uri=${redirect}&code_challenge=${hash}`)).json();
      const back = await consent(begun.login_url, person);
      const body = JSON.stringify({ code: back.get('code'), state: back.get('state'), code_verifier: verifier });
      const answer = await fetch(`${url}/api/auth/kakao/callback`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      assert.equal(answer.status, 200, `the sign-in answers ${answer.status}`);
      return answer.json();
    },

    /** `munjigi keys rotate`, and the ten minutes for which a new key is only published. */
    async rotate() {
      await run(munjigi, ['keys', 'rotate'], { cwd: folder, env });
      await stop(gateway);
      const wait = `UPDATE signing_keys SET activates_at = activates_at - ${PUBLISHED_AHEAD}`;
      const script = `import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as database: database.execute(sys.argv[2])`;
      await run(python, ['-I', '-c', script, `${folder}/munjigi.db`, wait]);
      await open();
    },

    async end() {
      await Promise.all([stop(mock), stop(gateway)]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(request, answer, door, own) {
  const isForKeys = new URL(request.url, 'http://door').pathname === KEYS;
  if (isForKeys) door.keysAsked += 1;
  if (door.isShut) return request.socket.destroy();
  if (door.isBroken) return answer.writeHead(500).end();
  const { method, url: path, headers } = request;
  if (headers.authorization && door.refuses(headers.authorization)) {
    request.resume();
    return answer.writeHead(401).end();
  }
  const onward = ask({ host: '127.0.0.1', port: door.to, method, path, headers }, (response) => {
    if (!isForKeys) {
      answer.writeHead(response.statusCode, response.headers);
      response.pipe(answer);
      return;
    }
    let text = '';
    response.setEncoding('utf8').on('data', (piece) => (text += piece));
    response.on('end', () => {
      const { keys } = JSON.parse(text);
      answer.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': response.headers['cache-control'] });
      answer.end(JSON.stringify({ keys: [...keys, own] }));
    });
  });
  onward.on('error', () => answer.destroy());
  request.pipe(onward);
}
