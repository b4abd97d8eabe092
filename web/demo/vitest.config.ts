import { defineConfig } from 'vitest/config';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  // The gateway's own names of devices are read, to compare.
  server: { fs: { allow: ['../..'] } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'jsdom',
    setupFiles: ['test/setup.ts'],
    maxWorkers: 2,
    minWorkers: 1,
    unstubGlobals: true,
  },
});
