// start/express.md: with munjigi/server, and the same with jose alone.
import { join } from 'node:path';
import { emptied, lay } from '../lib/pages.mjs';
import { check } from '../lib/resource-server.mjs';
import { withServer } from '../lib/server.mjs';
import { startWorld } from '../lib/world.mjs';

export async function express({ folder, tools, ok }) {
  lay('start/express.md', emptied(folder));
  for (const script of ['server.mjs', 'server-jose.mjs']) {
    const world = await startWorld(tools);
    const launch = (port) => ['node', [join(folder, script)], { PORT: `${port}`, MUNJIGI_URL: world.url }];
    await withServer({ folder, launch, path: '/orders' }, (server) =>
      check(world, { ...server, fetches: 1, whenDown: 503 }, { ok: (what) => ok(`${script}: ${what}`) }),
    );
    await world.end();
  }
}
