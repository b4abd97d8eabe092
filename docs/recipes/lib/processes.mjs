// Child processes: started, waited for, and none left behind.
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const PATIENCE = 60_000;
const living = new Set();

/** Starts a program. `heard` is all it has said. */
export function start(program, args, { cwd, env }) {
  const child = spawn(program, args, { cwd, env: { ...bare(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const running = { child, heard: '', failure: undefined, ended: undefined };
  running.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve((running.failure = error)));
    child.once('close', resolve);
  }).then(() => living.delete(running));
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (running.heard += text));
  living.add(running);
  return running;
}

export async function stop(running) {
  signal(running, 'SIGTERM');
  const late = setTimeout(() => signal(running, 'SIGKILL'), 5_000);
  await running.ended;
  clearTimeout(late);
}

/** Also what the child has started: it leads a group of its own. */
function signal({ child }, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It is gone.
  }
}

export const stopAll = () => Promise.all([...living].map(stop));
export const killAll = () => living.forEach((running) => signal(running, 'SIGKILL'));

/** Asks until the answer is truthy, as long as the program runs. */
export async function until(running, what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    const isOver = running.failure || running.child.exitCode !== null || running.child.signalCode !== null;
    if (isOver || Date.now() > end) throw new Error(`${what}: ${running.failure ?? ''}\n${running.heard}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs a program to its end; what it said, or an error with that. */
export async function run(program, args, { cwd, env } = {}) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env: { ...bare(), ...env }, timeout: 5 * PATIENCE });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}\n${error.stdout}${error.stderr}`);
  }
}

/** Nothing of the developer's own environment changes what is tried. */
function bare() {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, LANG, TMPDIR }).filter(([, value]) => value !== undefined));
}

/** A port that nobody listens on, for programs that cannot choose one themselves. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, 'localhost', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
