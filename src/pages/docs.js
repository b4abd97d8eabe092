// Swagger UI, signed in: the access token is filled in by itself and kept fresh.

/* global SwaggerUIBundle */
(() => {
  'use strict';

  const SCHEME = 'AccessToken';
  const REFRESH = '/api/auth/refresh';
  const LOGOUT = '/api/auth/logout';
  const LOGIN = '/api/auth/kakao/login';
  const EARLY_SECONDS = 60;

  const byId = (id) => document.getElementById(id);
  const invitation = [...byId('status').childNodes];
  let timer = 0;
  let filledIn = false;

  const span = (text, lang) => {
    const node = document.createElement('span');
    node.lang = lang;
    node.textContent = text;
    return node;
  };
  const say = (korean, english) => byId('status').replaceChildren(span(korean, 'ko'), ' ', span(english, 'en'));

  function signedIn(answer) {
    const { access_token: token, expires_in: seconds, user } = answer;
    ui.preauthorizeApiKey(SCHEME, token);
    filledIn = true;
    const name = user.nickname || user.username;
    say(`${name}님으로 로그인했습니다. 토큰이 채워졌습니다.`, `Signed in as ${name}; the token is filled in.`);
    byId('login').hidden = true;
    byId('sign-out').hidden = false;
    clearTimeout(timer);
    timer = setTimeout(refresh, Math.max(seconds - EARLY_SECONDS, 5) * 1000);
  }

  function signedOut() {
    clearTimeout(timer);
    // A token that somebody typed in stays.
    if (filledIn) ui.authActions.logout([SCHEME]);
    filledIn = false;
    byId('status').replaceChildren(...invitation);
    byId('login').hidden = false;
    byId('sign-out').hidden = true;
  }

  const post = (path) =>
    fetch(path, { method: 'POST', headers: { 'X-Munjigi-Cookie': '1' }, credentials: 'same-origin', cache: 'no-store' });

  async function refresh() {
    let response;
    try {
      response = await post(REFRESH);
      if (response.status === 200) return signedIn(await response.json());
    } catch {
      response = null;
    }
    if (response && [204, 400, 401].includes(response.status)) return signedOut();
    // A broken line or a busy server signs nobody out.
    say('게이트웨이가 응답하지 않습니다. 잠시 후 다시 시도합니다.', 'The gateway does not answer; trying again in a moment.');
    clearTimeout(timer);
    timer = setTimeout(refresh, 15_000);
  }

  /** "Try it out" starts with the document's example, which is no token: without it the cookie counts. */
  function withoutExample(body) {
    try {
      const json = JSON.parse(body);
      if (/…$|^string$/.test(json.refresh_token ?? '')) delete json.refresh_token;
      return JSON.stringify(json);
    } catch {
      return body;
    }
  }

  const bringsToken = (body) => /"refresh_token"\s*:\s*"/.test(body ?? '');

  const pathOf = (address) => new URL(address, location.href).pathname.replace(/(.)\/$/, '$1');

  function requestInterceptor(request) {
    if (request.loadSpec) return request;
    const path = pathOf(request.url);
    if (path === LOGIN) {
      // Kakao can only be visited, not fetched.
      const login = new URL(request.url, location.href);
      if (!login.searchParams.get('return_to')) login.searchParams.set('return_to', '/docs');
      window.location.assign(login);
      return { ...request, method: 'GET', url: new URL('/livez', location.href).href, headers: {}, body: undefined };
    }
    if (path === REFRESH || path === LOGOUT) {
      request.body = withoutExample(request.body);
      if (!bringsToken(request.body)) request.headers['X-Munjigi-Cookie'] = '1';
    }
    return request;
  }

  /** What "Try it out" did to the session also holds for the bar. */
  function responseInterceptor(response) {
    const path = response.url ? pathOf(response.url) : '';
    if ((path === REFRESH || path === LOGOUT) && response.status === 200) setTimeout(refresh, 0);
    return response;
  }

  const ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#ui',
    deepLinking: true,
    withCredentials: true,
    requestInterceptor,
    responseInterceptor,
    onComplete: refresh,
  });

  byId('sign-out').addEventListener('click', async () => {
    try {
      const response = await post(LOGOUT);
      if (!response.ok) throw new Error(String(response.status));
      window.location.reload();
    } catch {
      say('로그아웃하지 못했습니다. 다시 시도하세요.', 'Signing out failed; try again.');
    }
  });
})();
