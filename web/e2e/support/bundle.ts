// Before all tests: the front end's script, bundled once, by the package as it is published.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.js';
import { binary } from './process.js';

declare module 'vitest' {
  interface ProvidedContext {
    bundle: string;
    chromium: string;
  }
}

export default async function setup(project: TestProject) {
  binary();
  project.provide('chromium', findChromium());
  const folder = mkdtempSync(join(tmpdir(), 'munjigi-e2e-app-'));
  const bundle = join(folder, 'app.js');
  await build({
    entryPoints: [fileURLToPath(new URL('../app/index.tsx', import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    // StrictMode mounts twice in development only.
    define: { 'process.env.NODE_ENV': '"development"' },
    minify: true,
    logLevel: 'warning',
  });
  project.provide('bundle', bundle);
  return () => rmSync(folder, { recursive: true, force: true });
}
