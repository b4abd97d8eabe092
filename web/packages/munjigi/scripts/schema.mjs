// Types from openapi/munjigi.json into src/schema.ts. `--check` writes nothing and fails when the two differ.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../../../../openapi/munjigi.json', import.meta.url);
const target = new URL('../src/schema.ts', import.meta.url);

const head = `// Made from openapi/munjigi.json by \`npm run schema\`. Change the gateway, not this file.\n\n`;
const made = head + astToString(await openapiTS(document));

if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== made) {
    console.error(
      `${fileURLToPath(target)} is not what openapi/munjigi.json says.\n` +
        'To mend it: cd web && npm run schema --workspace munjigi, then commit the file.',
    );
    process.exit(1);
  }
  console.log('schema: as openapi/munjigi.json says');
} else {
  await writeFile(target, made);
  console.log(`wrote ${fileURLToPath(target)}`);
}
