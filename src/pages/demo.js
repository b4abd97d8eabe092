// The live parts of the demo page. The access token stays in this module's memory and nowhere else.

const KO = {
  codes: {
    KAKAO_LOGIN_CANCELLED: '카카오 로그인을 취소했습니다.',
    KAKAO_LOGIN_FAILED: '카카오 로그인에 실패했습니다. 다시 로그인해 보세요.',
    KAKAO_CODE_USED: '로그인 정보가 이미 사용되었거나 만료되었습니다. 다시 로그인하세요.',
    KAKAO_PERSON_REFUSED: '카카오에서 이 계정의 이용을 허용하지 않았습니다.',
    KAKAO_MISCONFIGURED: '카카오 로그인 설정에 문제가 있어 로그인할 수 없습니다.',
    KAKAO_UNAVAILABLE: '카카오 서버가 응답하지 않습니다. 잠시 후 다시 로그인하세요.',
    KAKAO_UNDER_AGE: '카카오는 14세 미만의 이용을 허용하지 않습니다.',
    KAKAO_CONSENT_REQUIRED: '서비스에 필요한 항목에 동의해야 로그인할 수 있습니다.',
    LOGIN_STATE_INVALID: '로그인이 시작된 브라우저에서만 로그인을 마칠 수 있습니다. 처음부터 다시 로그인하세요.',
    RATE_LIMIT_EXCEEDED: '요청이 너무 많습니다. 잠시 후 다시 시도하세요.',
  },
  otherCode: '로그인하지 못했습니다. 다시 로그인해 보세요.',
  code: '오류 코드', requestId: '요청 번호',
  network: '게이트웨이에 연결할 수 없습니다. 실행 중인지 확인하고 다시 시도하세요.',
  checking: '로그인되어 있는지 확인하는 중입니다.', signedOut: '로그인되어 있지 않습니다.', justOut: '로그아웃되었습니다.',
  noName: '닉네임 없음', noEmail: '이메일 없음', verified: '확인됨', unverified: '확인되지 않음',
  id: '사용자 ID', username: 'username', isNew: '첫 로그인', yes: '예', no: '아니요', since: '가입',
  left: (time) => `액세스 토큰 만료까지 ${time}`, over: '액세스 토큰이 만료되었습니다. 갱신을 누르세요.',
  minutes: (m, s) => `${m}분 ${s}초`, thisDevice: '이 기기', unknown: '알 수 없는 기기', lastUsed: '마지막 사용',
  signOut: '로그아웃', copy: '복사', copied: '복사했습니다', characters: (n) => `…(${n}자)`,
  noDevices: '기기 목록을 불러오지 못했습니다.',
  notAgreed: (items) => `동의하지 않은 항목: ${items}.`, reallyLeave: '정말 탈퇴할까요? 되돌릴 수 없습니다.', gone: '탈퇴했습니다.',
  claims: {
    iss: '발급자', aud: '받는 곳', sub: '사용자', iat: '발급 시각', exp: '만료 시각', jti: '토큰 ID', sid: '세션 ID',
    client_id: '클라이언트', token_type: '토큰 종류', user_id: '사용자 ID',
  },
};

const EN = {
  codes: {
    KAKAO_LOGIN_CANCELLED: 'The Kakao login was cancelled.',
    KAKAO_LOGIN_FAILED: 'The Kakao login failed. Log in again.',
    KAKAO_CODE_USED: 'This login was used before or has expired. Log in again.',
    KAKAO_PERSON_REFUSED: 'Kakao does not let this account use the service.',
    KAKAO_MISCONFIGURED: 'Logins do not work because of a setting.',
    KAKAO_UNAVAILABLE: 'Kakao is not answering. Log in again in a moment.',
    KAKAO_UNDER_AGE: 'Kakao does not let people under 14 use the service.',
    KAKAO_CONSENT_REQUIRED: 'To log in you have to agree to what the service needs.',
    LOGIN_STATE_INVALID: 'A login can only be finished in the browser that began it. Start the login again.',
    RATE_LIMIT_EXCEEDED: 'Too many requests. Try again in a moment.',
  },
  otherCode: 'The login did not work. Log in again.',
  code: 'Code', requestId: 'Request id',
  network: 'The gateway cannot be reached. Check that it is running and try again.',
  checking: 'Checking whether you are signed in.', signedOut: 'You are not signed in.', justOut: 'You are signed out.',
  noName: 'No nickname', noEmail: 'No email', verified: 'verified', unverified: 'not verified',
  id: 'User id', username: 'Username', isNew: 'First login', yes: 'yes', no: 'no', since: 'Member since',
  left: (time) => `The access token expires in ${time}`, over: 'The access token has expired. Press Refresh.',
  minutes: (m, s) => `${m} min ${s} s`, thisDevice: 'this device', unknown: 'Unknown device', lastUsed: 'Last used',
  signOut: 'Sign out', copy: 'Copy', copied: 'Copied', characters: (n) => `… (${n} characters)`,
  noDevices: 'The devices could not be read.',
  notAgreed: (items) => `Not agreed to: ${items}.`, reallyLeave: 'Really leave? This cannot be undone.', gone: 'You have left.',
  claims: {
    iss: 'issuer', aud: 'audience', sub: 'user', iat: 'issued', exp: 'expires', jti: 'token id', sid: 'session id',
    client_id: 'client', token_type: 'kind of token', user_id: 'user id',
  },
};

const LANG = document.documentElement.lang === 'en' ? 'en' : 'ko';
const T = LANG === 'en' ? EN : KO;
const byId = (id) => document.getElementById(id);
const dateTime = new Intl.DateTimeFormat(LANG, { dateStyle: 'medium', timeStyle: 'medium' });

let accessToken = null;
let expiresAt = 0;
let ticking = 0;

/** An element with attributes and children; strings become text, never markup. */
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const when = (value) => {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? '' : dateTime.format(date);
};

/** One request. Resolves with what came back, also for errors; status 0 means that nothing did. */
async function call(method, path, { cookie = false, bearer = true, json } = {}) {
  const headers = { Accept: 'application/json', 'Accept-Language': LANG };
  if (cookie) headers['X-Munjigi-Cookie'] = '1';
  if (bearer && accessToken) headers.Authorization = `Bearer ${accessToken}`;
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  const answer = { request: `${method} ${path}`, status: 0, statusText: '', body: null, ok: false };
  try {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const response = await fetch(path, { method, headers, body, credentials: 'same-origin', cache: 'no-store' });
    Object.assign(answer, { status: response.status, statusText: response.statusText, ok: response.ok });
    const text = await response.text();
    answer.body = /json/.test(response.headers.get('Content-Type') ?? '') ? JSON.parse(text) : text || null;
  } catch {
    answer.ok = false;
  }
  return answer;
}

/** The sentence for a failed answer. */
const sentence = (answer) => (answer.body?.message ? [answer.body.message, answer.body.hint].filter(Boolean).join(' ') : T.network);

/** Tokens are long and secret: their beginning and their length are enough for the eye. */
const shorten = (key, value) =>
  /token$/.test(key) && typeof value === 'string' && value.length > 60 ? value.slice(0, 16) + T.characters(value.length) : value;

function show(answer) {
  const line = [answer.request, answer.status ? `→ ${answer.status} ${answer.statusText}`.trim() : ''].join(' ').trim();
  const body = typeof answer.body === 'string' ? answer.body : answer.body && JSON.stringify(answer.body, shorten, 2);
  byId('output').replaceChildren(
    el('p', {}, el('code', {}, line)),
    ...(answer.ok ? [] : [el('p', { class: 'notice' }, sentence(answer))]),
    ...(body ? [el('pre', { class: 'code', tabindex: '0' }, el('code', {}, body))] : []),
  );
  byId('answer').hidden = false;
}

function alertWith(text, code, requestId) {
  const codes = [code && `${T.code} ${code}`, requestId && `${T.requestId} ${requestId}`].filter(Boolean).join(' · ');
  byId('alert').append(el('div', { class: 'notice' }, el('p', {}, text), codes && el('p', { class: 'small quiet' }, codes.slice(0, 200))));
}

const parts = ['signed-in', 'signed-in-more'];

function signedOut(text, focus) {
  accessToken = null;
  clearInterval(ticking);
  for (const id of parts) byId(id).hidden = true;
  byId('signed-out').hidden = false;
  byId('state').textContent = text;
  if (focus) byId('title').focus();
}

function signedIn(answer) {
  const { access_token: token, expires_in: seconds, is_new_user: isNew, user } = answer;
  accessToken = token;
  expiresAt = Date.now() + seconds * 1000;
  byId('signed-out').hidden = true;
  for (const id of parts) byId(id).hidden = false;
  // The redirect has no body to say it in, so somebody created moments before this token is new as well.
  showPerson(user, isNew || decode(token).iat * 1000 - Date.parse(user.created_at) < 60_000);
  showClaims(token);
  clearInterval(ticking);
  ticking = setInterval(tick, 1000);
  tick();
}

function showPerson(user, isNew) {
  const name = user.nickname || T.noName;
  const initial = [...(user.nickname || user.username || '·')][0].toUpperCase();
  const picture = byId('picture');
  picture.replaceChildren(initial);
  if (user.profile_image) {
    const image = el('img', { src: user.profile_image, alt: '', referrerpolicy: 'no-referrer' });
    image.addEventListener('error', () => picture.replaceChildren(initial));
    picture.replaceChildren(image);
  }
  byId('nickname').textContent = name;
  const mark = el('span', { class: 'badge' }, user.email_verified ? `✓ ${T.verified}` : T.unverified);
  byId('email').replaceChildren(...(user.email ? [user.email, ' ', mark] : [T.noEmail]));
  const rows = [[T.id, user.id], [T.username, user.username], [T.isNew, isNew ? T.yes : T.no], [T.since, when(user.created_at)]];
  const next = user.next_action;
  byId('consent').hidden = !next;
  if (next) {
    const link = new URL(next.url);
    link.searchParams.set('return_to', LANG === 'en' ? '/?lang=en' : '/');
    byId('consent').firstElementChild.textContent = T.notAgreed(next.scope.join(', '));
    byId('consent').lastElementChild.href = link;
  }
  byId('profile').replaceChildren(...rows.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, String(value ?? ''))]));
}

function decode(token) {
  try {
    const base64 = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))));
  } catch {
    return {};
  }
}

function showClaims(token) {
  byId('raw').textContent = token;
  const rows = Object.entries(decode(token)).map(([name, value]) => {
    const meaning = T.claims[name] ? el('span', { class: 'quiet' }, ` ${T.claims[name]}`) : null;
    const time = ['iat', 'exp', 'nbf', 'auth_time'].includes(name) ? el('div', { class: 'quiet' }, when(value * 1000)) : null;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return el('tr', {}, el('th', { scope: 'row' }, el('code', {}, name), meaning), el('td', {}, el('code', {}, text), time));
  });
  byId('claims').replaceChildren(...rows);
}

function tick() {
  const left = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
  byId('expiry').textContent = left ? T.left(T.minutes(Math.floor(left / 60), left % 60)) : T.over;
  if (!left) clearInterval(ticking);
}

/** "Chrome, Windows" of a user agent: enough to recognise one's own devices. */
function deviceName(agent) {
  const find = (pairs) => pairs.find(([mark]) => agent?.includes(mark))?.[1];
  const browser = find([['KAKAOTALK', 'KakaoTalk'], ['SamsungBrowser', 'Samsung Internet'], ['Whale/', 'Whale'], ['Edg', 'Edge'],
    ['OPR/', 'Opera'], ['Firefox', 'Firefox'], ['FxiOS', 'Firefox'], ['Chrome', 'Chrome'], ['CriOS', 'Chrome'], ['Safari', 'Safari'], ['curl', 'curl']]);
  const system = find([['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['CrOS', 'ChromeOS'],
    ['Mac OS', 'macOS'], ['Linux', 'Linux']]);
  return [browser, system].filter(Boolean).join(', ') || agent?.slice(0, 60) || T.unknown;
}

async function loadDevices() {
  const answer = await call('GET', '/api/auth/sessions');
  if (!accessToken) return;
  if (!answer.ok || !Array.isArray(answer.body)) {
    byId('devices').replaceChildren(el('li', {}, `${T.noDevices} ${answer.ok ? '' : sentence(answer)}`));
    return;
  }
  byId('devices').replaceChildren(...answer.body.map((session) => {
    const name = deviceName(session.user_agent);
    const label = LANG === 'en' ? `Sign out ${name}` : `${name} 로그아웃`;
    const button = el('button', { class: 'button', type: 'button', 'aria-label': label }, T.signOut);
    button.addEventListener('click', () => press(button, () => endSession(session)));
    const badge = session.current ? el('span', { class: 'badge' }, T.thisDevice) : null;
    const facts = [session.ip, `${T.lastUsed} ${when(session.last_used_at)}`].filter(Boolean).join(' · ');
    return el('li', { class: 'row spread' },
      el('div', { class: 'device' }, el('p', { class: 'row' }, el('strong', {}, name), badge), el('p', { class: 'small quiet' }, facts)), button);
  }));
}

async function refresh(first) {
  const answer = await call('POST', '/api/auth/refresh', { cookie: true, bearer: false });
  if (answer.status === 200) {
    signedIn(answer.body);
    if (!first) show(answer);
    await loadDevices();
  } else if (answer.status === 204) {
    signedOut(T.signedOut, !first);
  } else if (first) {
    alertWith(sentence(answer), answer.body?.error, answer.body?.request_id);
    signedOut(T.signedOut);
  } else {
    show(answer);
    // Only the gateway's own refusal ends the session here; a broken line or a busy server does not.
    if ((answer.status === 400 || answer.status === 401) && answer.body?.error) signedOut(T.justOut, true);
  }
}

async function logout(scope) {
  // With an expired access token the cookie alone says who this is.
  const answer = await call('POST', '/api/auth/logout', { cookie: true, bearer: Date.now() < expiresAt, json: { scope } });
  show(answer);
  if (answer.ok) signedOut(T.justOut, true);
}

async function endSession(session) {
  const answer = await call('DELETE', `/api/auth/sessions/${encodeURIComponent(session.id)}`);
  show(answer);
  if (answer.ok && session.current) {
    // The session is gone; this takes its cookie away too.
    await call('POST', '/api/auth/logout', { cookie: true, bearer: false });
    return signedOut(T.justOut, true);
  }
  await loadDevices();
  byId('devices-title').focus();
}

async function leave() {
  if (!confirm(T.reallyLeave)) return;
  const answer = await call('DELETE', '/api/auth/profile');
  show(answer);
  if (answer.ok) signedOut(T.gone, true);
}

/** Runs an action once per press, without taking the focus away as `disabled` would. */
async function press(button, action) {
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  byId('alert').replaceChildren();
  try {
    await action();
  } finally {
    button.removeAttribute('aria-busy');
  }
}

const actions = {
  refresh: () => refresh(false),
  protected: async () => show(await call('GET', '/api/protected')),
  logout: () => logout('this'),
  'logout-all': () => logout('all'),
  leave,
};
for (const [id, action] of Object.entries(actions)) byId(id).addEventListener('click', (event) => press(event.currentTarget, action));

for (const code of document.querySelectorAll('details pre.code')) {
  const button = el('button', { class: 'button', type: 'button' }, T.copy);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = T.copied;
    setTimeout(() => { button.textContent = T.copy; }, 2000);
  });
  code.after(button);
}

const url = new URL(location.href);
const failure = url.searchParams.get('error');
if (failure) {
  const text = Object.hasOwn(T.codes, failure) ? T.codes[failure] : T.otherCode;
  alertWith(text, failure, url.searchParams.get('request_id'));
  url.searchParams.delete('error');
  url.searchParams.delete('request_id');
  history.replaceState(null, '', url);
}

// A language chosen here is still the language after the login.
if (url.searchParams.has('lang')) byId('login').search = new URLSearchParams({ return_to: `/?lang=${LANG}` });

byId('state').textContent = T.checking;
refresh(true);
