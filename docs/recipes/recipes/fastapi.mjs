// start/fastapi.md
import { emptied, lay } from '../lib/pages.mjs';
import { check } from '../lib/resource-server.mjs';
import { withServer } from '../lib/server.mjs';
import { startWorld } from '../lib/world.mjs';

export async function fastapi({ folder, tools, ok }) {
  lay('start/fastapi.md', emptied(folder));
  const world = await startWorld(tools);
  const launch = (port) => [tools.python, ['-m', 'uvicorn', 'main:app', '--port', `${port}`], { MUNJIGI_URL: world.url }];
  await withServer({ folder, launch, path: '/orders' }, (server) => check(world, { ...server, fetches: 1, whenDown: 503 }, { ok }));
  await world.end();
}
