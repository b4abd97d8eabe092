// What a page loads, measured: bundled and minified by esbuild as an app's bundler would, gzip -9. Fails over a budget; `--check`
// also fails when the README's table says something else, otherwise the table is written.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The smallest app of the README; what it does not use is dropped, as an app's bundler drops it. */
const APP = `export { MunjigiProvider, SignedIn, SignedOut, KakaoLoginButton, useUser, useAuth } from './dist/react/index.js';`;

// The design asked for 3.5 and 6 KB of a prototype without retries by Retry-After, page life cycle, cool-down, the gateway's error
// members, initialSession and owed sign-outs. These are ceilings for what there is: nothing grows unseen. What is not loaded at first
// has a ceiling too, together with it.
const ENTRIES = [
  { name: '`munjigi`', code: `export * from './dist/index.js';`, budget: 4.3, whole: 6.9 },
  { name: '`munjigi` + `munjigi/react`, the README’s app', code: APP, budget: 6.3, whole: 10.6 },
  { name: '`munjigi` + everything of `munjigi/react`', code: `export * from './dist/react/index.js';`, budget: 7.5, whole: 11.7 },
  { name: '`munjigi/query`', code: `export * from './dist/query.js';`, budget: 0.4, whole: 0.4 },
  { name: '`munjigi/native`', code: `export * from './dist/native.js';`, budget: 0.4, whole: 0.4 },
];

const EXTERNAL = ['react', 'react/jsx-runtime', '@tanstack/react-query', 'jose'];

/** Bytes of the files a page loads at first, and of those it loads when they are needed. */
async function measure(code) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    splitting: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    target: 'es2022',
    outdir: 'out',
    write: false,
    metafile: true,
    external: EXTERNAL,
    define: { 'process.env.NODE_ENV': '"production"' },
    absWorkingDir: root,
  });
  const sizes = new Map(outputFiles.map(({ path, contents }) => [path.replace(root, ''), gzipSync(contents, { level: 9 }).length]));
  const first = new Set();
  const load = (path) => {
    if (first.has(path)) return;
    first.add(path);
    for (const { path: next, kind } of metafile.outputs[path].imports) if (kind === 'import-statement' && sizes.has(next)) load(next);
  };
  load(Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint === '<stdin>'));
  const sum = (paths) => [...paths].reduce((total, path) => total + sizes.get(path), 0);
  return { first: sum(first), later: sum([...sizes.keys()].filter((path) => !first.has(path))) };
}

const kb = (bytes) => (bytes / 1024).toFixed(2);
const rows = [];
let isOver = false;
for (const { name, code, budget, whole } of ENTRIES) {
  const { first, later } = await measure(code);
  rows.push(`| ${name} | ${kb(first)} | ${budget} | ${kb(first + later)} | ${whole} |`);
  for (const [what, size, most] of [
    ['at first', first, budget],
    ['with everything it can load', first + later, whole],
  ]) {
    if (size <= most * 1024) continue;
    isOver = true;
    console.error(`${name} is ${kb(size)} KB ${what}, over its ceiling of ${most} KB`);
  }
}
const table = ['| import | KB at first | at most | KB of all it can load | at most |', '|---|---|---|---|---|', ...rows].join('\n');
console.log(table);

const readme = new URL('../README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const made = text.replace(/(<!-- sizes -->\n)[^]*?(\n<!-- \/sizes -->)/, (_, begin, end) => begin + table + end);
if (process.argv.includes('--check')) {
  if (made !== text) {
    console.error('The README’s table of sizes is of another build. To mend it: cd web && npm run sizes --workspace munjigi');
    isOver = true;
  }
} else {
  writeFileSync(readme, made);
}
process.exitCode = isOver ? 1 : 0;
