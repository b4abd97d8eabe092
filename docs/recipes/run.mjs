// Runs the recipes of docs/{ko,en} as they are printed: `node run.mjs [NAME…]`. `check` installs what they need, and calls this.
import { join } from 'node:path';
import { killAll, stopAll } from './lib/processes.mjs';
import { any } from './recipes/any.mjs';
import { clients } from './recipes/clients.mjs';
import { django } from './recipes/django.mjs';
import { express } from './recipes/express.mjs';
import { fastapi } from './recipes/fastapi.mjs';
import { nextjs } from './recipes/nextjs.mjs';
import { spring } from './recipes/spring.mjs';

const RECIPES = { nextjs, django, express, fastapi, clients, any, spring };

const tools = { munjigi: process.env.MUNJIGI_BIN, python: process.env.RECIPE_PYTHON, modules: process.env.RECIPE_MODULES };
const asked = process.argv.slice(2);
const names = asked.length ? asked : Object.keys(RECIPES);
const unknown = names.filter((name) => !(name in RECIPES));
if (unknown.length) throw new Error(`no such recipe: ${unknown}; there are ${Object.keys(RECIPES).join(', ')}`);

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => {
    killAll();
    process.exit(code);
  });
}

let passed = 0;
let failed = 0;
async function attempt(name) {
  const ok = (what) => {
    passed += 1;
    console.log(`recipes: ok: ${name}: ${what}`);
  };
  try {
    await RECIPES[name]({ folder: join(process.env.RECIPE_FOLDER, name), tools, ok });
  } catch (error) {
    failed += 1;
    console.error(`recipes: FAILED: ${name}\n${error.name === 'AssertionError' ? error.message : error.stack}`);
  }
}

// Two at a time: most of the time of one is a build, and the others mostly wait.
const waiting = [...names];
const lane = async () => {
  for (let name = waiting.shift(); name; name = waiting.shift()) await attempt(name);
};
await Promise.all([lane(), lane()]);
await stopAll();
console.log(`recipes: ${passed} checks passed, ${failed} of ${names.length} recipes failed`);
process.exit(failed ? 1 : 0);
