// start/spring.md: Maven's repository is not asked here, so the settings are compared with what Spring Boot documents and what the
// gateway really publishes and signs.
import assert from 'node:assert/strict';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { read } from '../lib/pages.mjs';
import { run } from '../lib/processes.mjs';
import { startWorld } from '../lib/world.mjs';

/** Below spring.security.oauth2.resourceserver.jwt: https://docs.spring.io/spring-boot/appendix/application-properties/ */
const DOCUMENTED = [
  'audiences',
  'authorities-claim-delimiter',
  'authorities-claim-name',
  'authority-prefix',
  'issuer-uri',
  'jwk-set-uri',
  'jws-algorithms',
  'principal-claim-name',
  'public-key-location',
];

export async function spring({ tools, ok }) {
  const { code } = read('start/spring.md').find(({ file }) => file === 'src/main/resources/application.yml');
  const toJson = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1])))';
  const settings = JSON.parse(await run(tools.python, ['-I', '-c', toJson, code]));
  const { jwt, ...others } = settings.spring.security.oauth2.resourceserver;
  assert.deepEqual(others, {});
  for (const name of Object.keys(jwt)) assert.ok(DOCUMENTED.includes(name), `Spring Boot documents no ${name}`);
  ok('every key of application.yml is one Spring Boot documents');

  const world = await startWorld(tools);
  const { access_token: token, user } = await world.signIn();
  const claims = decodeJwt(token);
  const filled = (value) => value.replace(/\$\{MUNJIGI_URL:[^}]*\}/, world.url);
  assert.equal(filled(jwt['issuer-uri']), claims.iss);
  assert.equal(jwt.audiences, claims.aud);
  assert.equal(claims[jwt['principal-claim-name']], user.id);
  const header = decodeProtectedHeader(token);
  assert.equal(jwt['jws-algorithms'], header.alg);
  assert.equal(header.typ, 'JWT');
  const { keys } = await (await fetch(filled(jwt['jwk-set-uri']))).json();
  assert.ok(keys.some(({ kid, alg, use }) => kid === header.kid && alg === header.alg && use === 'sig'));
  await world.end();
  ok("issuer, audience, algorithm, typ, principal and key set are the gateway's");
}
