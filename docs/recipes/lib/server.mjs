// A sample server of a page, on a free port, with a clock the checks can move.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, start, stop, until } from './processes.mjs';

const preload = fileURLToPath(new URL('../preload/', import.meta.url));

/** Runs `serve` for a server started by `launch(port)`: a program, its arguments, its environment. */
export async function withServer({ folder, port, launch, path }, serve) {
  const at = port ?? (await freePort());
  const clock = join(folder, '.clock');
  writeFileSync(clock, '0');
  const [program, args, env] = launch(at);
  const clocks = { RECIPE_CLOCK: clock, NODE_OPTIONS: `--import=${preload}clock.mjs`, PYTHONPATH: preload, PYTHONDONTWRITEBYTECODE: '1' };
  const running = start(program, args, { cwd: folder, env: { ...clocks, ...env } });
  const base = `http://localhost:${at}`;
  try {
    await until(running, 'the sample server does not start', () => fetch(base).then(() => true, () => false));
    return await serve({ base, url: base + path, clock });
  } catch (error) {
    error.message += `\n${running.heard}`;
    throw error;
  } finally {
    await stop(running);
  }
}
