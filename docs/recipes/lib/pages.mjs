// The code of a page, file by file. A block is a file when its info string names one: ```python title="main.py"
// A second word `append` adds it to what is there, for what the reader adds to a file a generator made.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const docs = process.env.RECIPE_DOCS;

function blocks(language, page) {
  const text = readFileSync(join(docs, language, page), 'utf8');
  return [...text.matchAll(/^```([a-z]*)(.*)\n([^]*?)^```$/gm)].map(([, kind, info, code]) => ({
    kind,
    file: /title="([^"]+)"/.exec(info)?.[1],
    append: /\bappend\b/.test(info),
    code,
  }));
}

/** The blocks of a page; the Korean and the English page have the same. */
export function read(page) {
  const [korean, english] = ['ko', 'en'].map((language) => blocks(language, page));
  assert.deepEqual(english, korean, `the code of en/${page} is not that of ko/${page}`);
  return korean;
}

/** Writes the files of a page below `folder`. */
export function lay(page, folder) {
  for (const { file, append, code } of read(page)) {
    if (!file) continue;
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    (append ? appendFileSync : writeFileSync)(path, code);
  }
}

export function emptied(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
