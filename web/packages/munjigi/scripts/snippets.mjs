// Every TypeScript block of the README as a file of its own below .check/readme, for `tsc`. A block may go on from the one before
// it: `ts continued`.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const folder = new URL('../.check/readme/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

let count = 0;
let before = '';
for (const [, language, info, code] of readme.matchAll(/^```(tsx?)( continued)?\n([^]*?)^```$/gm)) {
  count += 1;
  before = info ? `${before}\n${code}` : code;
  writeFileSync(new URL(`${String(count).padStart(2, '0')}.${language}`, folder), `${before}\nexport {};\n`);
}
if (count < 8) throw new Error(`only ${count} blocks of TypeScript in the README: has their form changed?`);
console.log(`snippets: ${count} of README.md`);
