// What every API behind a munjigi has to do, asked as its users would.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { decodeProtectedHeader } from 'jose';
import { faulty, sound, unknownKids } from './tokens.mjs';

/** Longer than the five minutes for which a verifier may refuse to ask for new keys, shorter than a token lives. */
const LATER_SECONDS = 360;

/**
 * `api.url` answers `{user_id}` to whoever is signed in. `api.fetches` is how often the keys are asked for when 20 people come
 * at once to a server that has just started, `api.whenDown` what it says while it has no keys.
 */
export async function check(world, api, { ok }) {
  const get = (authorization) => fetch(api.url, { headers: authorization ? { Authorization: authorization } : {} });
  const bearer = (token) => get(`Bearer ${token}`);
  const refused = async (what, answer) => {
    assert.equal(answer.status, 401, `${what}: ${answer.status} ${await answer.clone().text()}`);
    assert.match(answer.headers.get('WWW-Authenticate') ?? '', /^Bearer/, `${what}: no challenge`);
  };
  const taken = async (what, answer, user) => {
    const text = await answer.text();
    assert.equal(answer.status, 200, `${what}: ${answer.status} ${text}`);
    assert.equal(JSON.parse(text).user_id, user, what);
  };

  const { access_token: real, refresh_token: refresh, user } = await world.signIn();
  const { door } = world;

  door.isShut = true;
  assert.equal((await bearer(real)).status, api.whenDown, 'the gateway cannot be reached');
  door.isShut = false;
  door.isBroken = true;
  assert.equal((await bearer(real)).status, api.whenDown, 'the gateway answers 500');
  door.isBroken = false;
  ok(`the gateway is away or broken from the start: ${api.whenDown}`);

  await refused('no header', await get());
  await refused('Basic', await get('Basic dXNlcjpwYXNz'));
  await refused('nothing after Bearer', await get('Bearer '));
  ok('no token: 401');

  door.keysAsked = 0;
  const crowd = await Promise.all(Array.from({ length: 20 }, () => bearer(real)));
  await Promise.all(crowd.map((answer) => taken('a good token', answer, user.id)));
  await taken('a good token again', await bearer(real), user.id);
  assert.equal(door.keysAsked, api.fetches, 'how often the keys were asked for');
  ok(`a good token: 200 with the user's id; 21 requests, keys asked for ${api.fetches === 1 ? 'once' : `${api.fetches} times`}`);

  for (const [what, make] of Object.entries(sound(world, real))) await taken(`a token ${what}`, await bearer(await make()), user.id);
  ok('a token of another published key, and of clocks that differ by seconds: 200');

  const bad = Object.entries(await faulty(world, real, refresh));
  for (const [what, token] of bad) await refused(what, await bearer(token));
  ok(`401: ${bad.map(([what]) => what).join(', ')}`);

  const known = door.keysAsked;
  for (const token of await unknownKids(world, real, 30)) await refused('an unknown kid', await bearer(token));
  assert.ok(door.keysAsked - known <= api.fetches, `30 unknown kids made ${door.keysAsked - known} requests for keys`);
  ok('30 unknown kids: 401, and no storm on the gateway');

  door.isShut = true;
  await taken('while the gateway is away', await bearer(real), user.id);
  door.isShut = false;
  ok('the gateway is away later: 200');

  await world.rotate();
  const { access_token: renewed } = await world.signIn();
  assert.notEqual(decodeProtectedHeader(renewed).kid, decodeProtectedHeader(real).kid, 'the key did not change');
  writeFileSync(api.clock, String(LATER_SECONDS));
  await taken('a token of the new key', await bearer(renewed), user.id);
  await taken('a living token of the old key', await bearer(real), user.id);
  ok('the key is rotated: tokens of both keys 200');
}
