// dist/: one ES module a source file and its types by `tsc`, so that bundlers drop what an app does not use; and the button's stylesheet.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });

const { BASE, FONT_SIZE, RING } = await import('../dist/react/button-look.js');
const rule = (selector, declarations) => {
  const lines = Object.entries(declarations).map(([name, value]) => `  ${name}: ${value};`);
  return `${selector} {\n${lines.join('\n')}\n}\n`;
};
const button = '.munjigi-kakao-login';
const css = [
  '/* The login button before its script runs: the same declarations as munjigi/react sets. */\n',
  rule(button, { ...BASE, 'outline-offset': '2px' }),
  ...Object.entries(FONT_SIZE).map(([size, value]) => rule(`${button}.munjigi-${size}`, { 'font-size': value })),
  rule(`${button}[data-width="full"]`, { width: '100%' }),
  rule(`${button}[data-align="left"]`, { 'justify-content': 'flex-start' }),
  `@media (forced-colors: active) {\n${rule(button, { outline: '1px solid ButtonText' })}}\n`,
  rule(`${button}:focus-visible`, { outline: RING }),
];
writeFileSync(new URL('../dist/button.css', import.meta.url), css.join('\n'));
