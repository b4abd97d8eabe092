import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    setupFiles: ['test/setup.ts'],
    // Two cores are shared with whatever else the machine does.
    maxWorkers: 2,
    minWorkers: 1,
    restoreMocks: true,
    unstubGlobals: true,
    // A promise nobody handles is a fault of this package.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
