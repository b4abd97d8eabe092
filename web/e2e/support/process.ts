// A child process that cannot outlive the tests, however they end.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';

export function binary(): string {
  const path = process.env['MUNJIGI_BIN'];
  if (path && existsSync(path)) return path;
  throw new Error(`MUNJIGI_BIN=${path ?? ''} names no gateway: cargo build, then MUNJIGI_BIN=…/target/debug/munjigi`);
}

/** For a program that has to be told its port, because another is told first where it will be. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Ends the program when the standard input closes, which it does even when the tests are killed. Says its process id first. */
const GUARD = `
exec 3<&0
"$@" 3<&- &
child=$!
echo "pid $child"
{ cat <&3 >/dev/null; kill "$child" 2>/dev/null; } &
wait "$child"`;

export interface Running {
  pid: number;
  /** What `ready` found. */
  found: RegExpExecArray;
  /** Everything the program said, on both streams. */
  said: () => string;
  /** Ends the program, by default as a power cut would; resolves when it has gone. */
  stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Resolves once the program has said what `ready` looks for. */
export async function start(program: string, args: string[], folder: string, env: Record<string, string>, ready: RegExp): Promise<Running> {
  const child = spawn('sh', ['-c', GUARD, 'sh', program, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const found = await new Promise<RegExpExecArray>((resolve, reject) => {
    const hear = (piece: Buffer) => {
      text += piece;
      const match = ready.exec(text);
      if (match) resolve(match);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${text}`)));
  });
  const pid = Number(/^pid (\d+)$/m.exec(text)?.[1]);
  return {
    pid,
    found,
    said: () => text,
    async stop(signal = 'SIGKILL') {
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal);
      child.stdin.end();
      await gone;
    },
  };
}
