// start/django.md: users that are only in the token, and a row for each.
import { emptied, lay } from '../lib/pages.mjs';
import { run } from '../lib/processes.mjs';
import { check } from '../lib/resource-server.mjs';
import { withServer } from '../lib/server.mjs';
import { startWorld } from '../lib/world.mjs';

export async function django({ folder, tools, ok }) {
  emptied(folder);
  await run(tools.python, ['-m', 'django', 'startproject', 'shop', '.'], { cwd: folder });
  lay('start/django.md', folder);
  await run(tools.python, ['manage.py', 'migrate'], { cwd: folder });
  await run(tools.python, ['manage.py', 'check'], { cwd: folder });
  for (const path of ['/orders', '/reviews']) {
    const world = await startWorld(tools);
    const launch = (port) => [tools.python, ['manage.py', 'runserver', '--noreload', `localhost:${port}`], { MUNJIGI_URL: world.url }];
    await withServer({ folder, launch, path }, (server) =>
      check(world, { ...server, fetches: 1, whenDown: 401 }, { ok: (what) => ok(`${path}: ${what}`) }),
    );
    await world.end();
  }
}
