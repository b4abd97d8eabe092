import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** A folder has one React: 18 is in the workspace beside this one. */
const of18 = (name: string) => fileURLToPath(new URL(`../react-18/node_modules/${name}`, import.meta.url));
/** Its CommonJS form would ask Node.js for React, which knows no alias. */
const testingLibrary = fileURLToPath(new URL('../../node_modules/@testing-library/react/dist/@testing-library/react.esm.js', import.meta.url));

const test = {
  setupFiles: ['test/setup.ts'],
  restoreMocks: true,
  unstubGlobals: true,
};

export default defineConfig({
  test: {
    // Two cores are shared with whatever else the machine does.
    maxWorkers: 2,
    minWorkers: 1,
    // A promise nobody handles is a fault of this package.
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      { test: { ...test, name: 'munjigi', include: ['test/**/*.test.{ts,tsx}'] } },
      {
        resolve: {
          alias: [
            { find: /^(react|react-dom)(?=$|\/)/, replacement: of18('$1') },
            { find: /^@testing-library\/react$/, replacement: testingLibrary },
          ],
        },
        test: { ...test, name: 'react-18', include: ['test/react.test.tsx'], server: { deps: { inline: [/@testing-library/] } } },
      },
    ],
  },
});
