// start/any-backend.md: the snippets that are whole programs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptied, lay, read } from '../lib/pages.mjs';
import { run } from '../lib/processes.mjs';
import { faulty, sound } from '../lib/tokens.mjs';
import { startWorld } from '../lib/world.mjs';

export async function any({ folder, tools, ok }) {
  lay('start/any-backend.md', emptied(folder));
  const clientsFile = join(folder, 'clients.json');
  const [client] = JSON.parse(readFileSync(clientsFile, 'utf8'));
  const question = read('start/any-backend.md').find(({ code }) => code.includes('/oauth/introspect'));
  assert.match(question.code, new RegExp(`^curl -u ${client.id}:${client.secret} -d token=\\S+ http://localhost:8000/oauth/introspect\n$`));
  const world = await startWorld({ ...tools, clientsFile });
  const { access_token: real, refresh_token: refresh, user } = await world.signIn();
  const good = { real: () => real, ...sound(world, real) };
  const bad = await faulty(world, real, refresh);
  for (const [program, file] of [[tools.python, 'verify.py'], ['node', 'verify.mjs']]) {
    const verify = (token) => run(program, [join(folder, file), token], { cwd: folder, env: { MUNJIGI_URL: world.url } });
    for (const [what, make] of Object.entries(good)) assert.equal((await verify(await make())).trim(), user.id, `${file}: ${what}`);
    for (const [what, token] of Object.entries(bad)) await assert.rejects(verify(token), undefined, `${file} takes a token ${what}`);
    ok(`${file}: ${Object.keys(good).length} tokens taken, ${Object.keys(bad).length} refused`);
  }
  await introspect(world, `${client.id}:${client.secret}`, real, ok);
  await world.end();
}

/** The question of the page's curl line. */
async function introspect(world, credentials, token, ok) {
  const ask = async () => {
    const headers = { Authorization: `Basic ${btoa(credentials)}` };
    const answer = await fetch(`${world.url}/oauth/introspect`, { method: 'POST', headers, body: new URLSearchParams({ token }) });
    assert.equal(answer.status, 200);
    return (await answer.json()).active;
  };
  assert.equal(await ask(), true);
  await fetch(`${world.url}/api/auth/logout`, { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  assert.equal(await ask(), false);
  ok('introspection sees a sign-out at once');
}
