import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// One file with a name that does not change: the gateway carries it, and the page names it.
export default defineConfig({
  root: here('.'),
  publicDir: false,
  // The notices of React's licence stay.
  esbuild: { jsx: 'automatic', legalComments: 'inline' },
  build: {
    target: 'es2022',
    outDir: here('../../src/pages/assets'),
    emptyOutDir: false,
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: here('src/main.tsx'),
      // "use client" is for servers that render React.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      output: { entryFileNames: 'demo.js', inlineDynamicImports: true },
    },
  },
});
