// The wire between browsers and the gateway, where answers get lost, late or held up.
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A method and a path, as in `POST /api/auth/refresh`. */
export type Route = `${'GET' | 'POST' | 'PATCH' | 'DELETE'} /${string}`;

export interface Held {
  /** How many requests are held up now. */
  count: () => number;
  /** How many of them nobody waits for any more. */
  abandoned: () => number;
  /** Lets them go, and those that come later. */
  release: () => void;
}

interface Rule {
  route: Route;
  left: number;
  /** Before the gateway sees the request. */
  before?: (req: IncomingMessage) => Promise<void>;
  /** Once the gateway has answered in full; `false` loses the answer. */
  after?: (req: IncomingMessage) => Promise<boolean>;
}

export interface Wire {
  url: string;
  port: number;
  /** Leads to the gateway on this port. */
  join: (port: number) => Promise<void>;
  /** Refuses connections, as the address of a gateway that is down does. */
  cut: () => Promise<void>;
  /** Requests that came, as routes. */
  seen: Route[];
  /** The next request is carried out, and its answer never arrives. */
  loseAnswer: (route: Route) => void;
  /** Holds requests up before the gateway sees them. */
  holdRequests: (route: Route) => Held;
  /** Holds answers back that the gateway has given. */
  holdAnswers: (route: Route) => Held;
  /** From now on the answers take this long. */
  slow: (route: Route, ms: number) => void;
  /** A sound wire, and nothing seen. */
  reset: () => void;
  close: () => Promise<void>;
}

export async function startWire(): Promise<Wire> {
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();
  const seen: Route[] = [];
  let rules: Rule[] = [];
  let gateway = 0;

  async function carry(req: IncomingMessage, res: ServerResponse) {
    const route = `${req.method} ${req.url!.split('?')[0]}` as Route;
    seen.push(route);
    const rule = rules.find((one) => one.route === route && one.left > 0);
    if (rule) rule.left -= 1;
    const body = await collect(req);
    await rule?.before?.(req);
    if (req.socket.destroyed) return;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const onward = request({ host: '127.0.0.1', port: gateway, method: req.method, path: req.url, headers: req.headers, agent }, resolve);
      onward.on('error', reject).end(body);
    });
    const bytes = await collect(answer);
    if (rule?.after && !(await rule.after(req))) return void req.socket.destroy();
    res.writeHead(answer.statusCode!, pairs(answer.rawHeaders)).end(bytes);
  }

  const server = createServer((req, res) => {
    carry(req, res).catch(() => req.socket.destroy());
  });
  // Browsers send a request again by themselves when a connection they use for the second time breaks. Here it is the client's turn.
  server.maxRequestsPerSocket = 1;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = async () => {
    // Also if it refuses already.
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  // Found now, so that settings can name it.
  await listen(0);
  const { port } = server.address() as AddressInfo;

  function hold(route: Route, when: 'before' | 'after'): Held {
    let count = 0;
    let abandoned = 0;
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const pass = async ({ socket }: IncomingMessage) => {
      count += 1;
      socket.once('close', () => (abandoned += 1));
      await gate;
      count -= 1;
      return true;
    };
    rules.push(when === 'after' ? { route, left: Infinity, after: pass } : { route, left: Infinity, before: async (req) => void (await pass(req)) });
    return { count: () => count, abandoned: () => abandoned, release };
  }

  return {
    url: `http://localhost:${port}`,
    port,
    async join(next) {
      gateway = next;
      if (!server.listening) await listen(port);
    },
    cut,
    seen,
    loseAnswer: (route) => void rules.push({ route, left: 1, after: async () => false }),
    holdRequests: (route) => hold(route, 'before'),
    holdAnswers: (route) => hold(route, 'after'),
    slow: (route, ms) => void rules.push({ route, left: Infinity, after: () => new Promise((resolve) => setTimeout(() => resolve(true), ms)) }),
    reset() {
      rules = [];
      seen.length = 0;
    },
    async close() {
      agent.destroy();
      await cut();
    },
  };
}

export async function collect(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Headers as they came: several `Set-Cookie` stay several. */
function pairs(raw: string[]): string[] {
  const result: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    // The body is sent in one piece.
    if (!/^(connection|keep-alive|transfer-encoding|content-length)$/i.test(raw[at]!)) result.push(raw[at]!, raw[at + 1]!);
  }
  return result;
}
