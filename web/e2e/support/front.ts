// What a customer runs: the app of `app/` on one port, and an API of its own on another that checks access tokens.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerifier, VerifyError } from 'munjigi/server';
import { collect } from './wire.js';

const CSP = (connect: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; connect-src ${connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export interface Front {
  url: string;
  api: string;
  /** Requests the API answered, by status. */
  answered: number[];
  /** The API takes no token any more that it has taken until now. */
  refuseKnown: () => void;
  close: () => Promise<void>;
}

/** `gateway` may be named once it is known. */
export async function startFront(bundle: string, gateway: () => string): Promise<Front> {
  const script = readFileSync(bundle);
  const answered: number[] = [];
  const known = new Set<string>();
  let refused = new Set<string>();
  let verifier: ReturnType<typeof createVerifier> | undefined;

  const api = createServer(async (req, res) => {
    const origin = { 'Access-Control-Allow-Origin': front.url, 'Access-Control-Allow-Headers': 'authorization, content-type' };
    if (req.method === 'OPTIONS') return void res.writeHead(204, origin).end();
    const body = (await collect(req)).toString();
    const answer = (status: number, json: object) => {
      answered.push(status);
      res.writeHead(status, { ...origin, 'Content-Type': 'application/json' }).end(JSON.stringify(json));
    };
    verifier ??= createVerifier({ issuer: gateway() });
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
    if (refused.has(token)) return answer(401, { error: 'no longer' });
    try {
      const { user_id } = await verifier.token(token);
      known.add(token);
      answer(200, { user_id, body });
    } catch (error) {
      answer(error instanceof VerifyError ? error.status : 500, { error: String(error) });
    }
  });

  const pages = createServer((req, res) => {
    const path = req.url!.split('?')[0];
    if (path === '/app.js') return void res.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8' }).end(script);
    if (path === '/favicon.ico') return void res.writeHead(204).end();
    const head = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': CSP(`${gateway()} ${gateway().replace('localhost', '127.0.0.1')} ${front.api}`) };
    res.writeHead(200, head).end(`<!doctype html>
<html lang="ko">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop</title>
<div id="app" data-gateway="${gateway()}" data-api="${front.api}"></div>
<script type="module" src="/app.js"></script>
`);
  });

  const front: Front = {
    url: await listen(pages),
    api: await listen(api),
    answered,
    refuseKnown: () => void (refused = new Set(known)),
    async close() {
      for (const server of [pages, api]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return front;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
