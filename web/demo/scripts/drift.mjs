// The script the gateway carries is committed, so that its build needs no Node.js. Fails unless it is what these sources become.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/** React DOM alone is 67. */
const BUDGET_KB = 90;
const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url));
const committed = fileURLToPath(new URL('../../../src/pages/assets/demo.js', import.meta.url));

const outDir = mkdtempSync(join(tmpdir(), 'munjigi-demo-'));
try {
  await build({ configFile, logLevel: 'warn', build: { outDir } });
  const fresh = readFileSync(join(outDir, 'demo.js'));
  const size = gzipSync(fresh, { level: 9 }).length / 1024;
  const faults = [
    !fresh.equals(readFileSync(committed)) && 'src/pages/assets/demo.js is not what web/demo becomes: cd web && npm run build, and commit it',
    size > BUDGET_KB && `demo.js is ${size.toFixed(1)} KB gzipped; ${BUDGET_KB} is the most it may be`,
  ].filter(Boolean);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length ? 1 : 0;
  if (!faults.length) console.log(`src/pages/assets/demo.js is up to date, ${size.toFixed(1)} KB gzipped`);
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
