// Are the types right for whoever imports the package? The tarball is made here, because what `npm pack` prints differs by version.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.check', 'pack');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json').replace('package.json', 'dist/index.js');
execFileSync(process.execPath, [attw, join(folder, tarball), '--profile', 'esm-only', '--exclude-entrypoints', 'button.css'], { cwd: root, stdio: 'inherit' });
