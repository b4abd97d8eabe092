// Child processes: started, waited for, and none left behind.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const PATIENCE = 60_000;
const living = new Set();

/** Starts a program. `heard` is all it has said, `printed` what of that was its output. */
export function start(program, args, { cwd, env }) {
  const child = spawn(program, args, { cwd, env: { ...bare(), ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const running = { child, heard: '', printed: '', failure: undefined, ended: undefined };
  running.ended = new Promise((resolve) => {
    child.once('error', (error) => resolve((running.failure = error)));
    child.once('close', resolve);
  }).then(() => living.delete(running));
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (running.heard += text));
  child.stdout?.on('data', (text) => (running.printed += text));
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

/** Runs a program to its end; what it printed, or an error with all it has said. */
export async function run(program, args, options = {}) {
  const running = start(program, args, options);
  const late = setTimeout(() => signal(running, 'SIGKILL'), 5 * PATIENCE);
  await running.ended;
  clearTimeout(late);
  if (running.failure || running.child.exitCode !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${running.failure ?? running.child.signalCode ?? running.child.exitCode}\n${running.heard}`);
  }
  return running.printed;
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
