// As much of a browser as a login needs: cookies, redirects one at a time, and navigation, which `fetch` is not.
import { request } from 'node:http';

/** Navigates with the cookies of `jar`. */
export function browse(jar = new Map()) {
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const asked = request(url, { method, headers: { ...headers, ...carried(jar) } }, (answer) => {
        keep(jar, answer.headers['set-cookie'] ?? []);
        const pieces = [];
        answer.on('data', (piece) => pieces.push(piece));
        answer.on('end', () => {
          const plain = Object.entries(answer.headers).filter(([, value]) => typeof value === 'string');
          const text = Buffer.concat(pieces);
          resolve(new Response(text.length ? text : null, { status: answer.statusCode, headers: plain }));
        });
      });
      asked.on('error', reject).end(body);
    });
}

/** The `fetch` of a page at `origin`, whose names of hosts lead where `hosts` says. `said` is told what the page asked for. */
export function fetchOf(jar, hosts, origin, said) {
  const { fetch } = globalThis;
  return async (input, init) => {
    const asked = new Request(input, init);
    said.push(`${asked.method} ${asked.url}`);
    const { origin: host } = new URL(asked.url);
    const request = new Request(asked.url.replace(host, hosts[host] ?? host), asked);
    request.headers.set('Origin', origin);
    const isWithCookies = asked.credentials === 'include';
    if (isWithCookies) for (const [name, value] of Object.entries(carried(jar))) request.headers.set(name, value);
    const answer = await fetch(request, { redirect: 'manual' });
    if (isWithCookies) keep(jar, answer.headers.getSetCookie());
    return answer;
  };
}

const carried = (jar) => (jar.size ? { Cookie: [...jar].map((pair) => pair.join('=')).join('; ') } : {});

function keep(jar, cookies) {
  for (const cookie of cookies) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    if (/Max-Age=0/i.test(cookie)) jar.delete(name);
    else jar.set(name, value);
  }
}
