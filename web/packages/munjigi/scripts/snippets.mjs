// Every TypeScript block of the README and of the manual as a file of its own below .check, for `tsc`. A block may go on from the one
// before it: `ts continued`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const root = new URL('../../../../', import.meta.url);
const check = new URL('../.check/', import.meta.url);

// These pages are checked with the frameworks they are about, which are not installed here.
const ELSEWHERE = /^(start\/(any-backend|nextjs|express|fastapi|django|spring)|guides\/axios-ky-openapi-fetch)\.md$/;

function blocks(page, name) {
  const folder = new URL(`${name}/`, check);
  mkdirSync(folder, { recursive: true });
  let count = 0;
  let before = '';
  for (const [, language, info, code] of page.matchAll(/^```(tsx?)( continued)?\n([^]*?)^```$/gm)) {
    count += 1;
    before = info ? `${before}\n${code}` : code;
    writeFileSync(new URL(`${String(count).padStart(2, '0')}.${language}`, folder), `${before}\nexport {};\n`);
  }
  return count;
}

rmSync(check, { recursive: true, force: true });
const ofReadme = blocks(readFileSync(new URL('../README.md', import.meta.url), 'utf8'), 'readme');
if (ofReadme < 8) throw new Error(`only ${ofReadme} blocks of TypeScript in the README: has their form changed?`);

// The Korean pages have the same code, which the tests of the gateway see to.
const manual = new URL('docs/en/', root);
const pages = readdirSync(manual, { recursive: true }).filter((page) => page.endsWith('.md') && !ELSEWHERE.test(page));
const ofManual = pages.reduce((sum, page) => sum + blocks(readFileSync(new URL(page, manual), 'utf8'), page.replaceAll('/', '-')), 0);
if (ofManual < 10) throw new Error(`only ${ofManual} blocks of TypeScript in docs/en: has their form changed?`);
console.log(`snippets: ${ofReadme} of README.md, ${ofManual} of docs/en`);
