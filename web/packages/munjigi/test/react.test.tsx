// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, renderHook, screen } from '@testing-library/react';
import { createRef, StrictMode, version, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MunjigiError, type AuthState, type Munjigi, type MunjigiOptions } from '../src/index.js';
import {
  AuthFailed,
  AuthLoading,
  KakaoCallback,
  KakaoLoginButton,
  MunjigiProvider,
  RequireAuth,
  SignedIn,
  SignedOut,
  useAccessToken,
  useAuth,
  useMunjigi,
  useSessions,
  useUser,
  UserBadge,
} from '../src/react/index.js';
import { createFakeGateway, fakeUser } from '../src/testing/index.js';
import { REFRESH, tab } from './helpers.js';

const CALLBACK = 'POST /api/auth/kakao/callback';
const error = new MunjigiError('NETWORK_ERROR', 'x', { action: 'retry' });
const user = fakeUser();

beforeEach(() => history.replaceState(null, '', '/'));
afterEach(cleanup);

function client(options: Partial<MunjigiOptions> = {}, isSignedIn = false) {
  const gateway = createFakeGateway({ user });
  if (isSignedIn) gateway.signIn();
  const went: string[] = [];
  return { gateway, went, ...tab(gateway, { navigate: (url) => went.push(url), ...options }) };
}

const within =
  (auth: Munjigi, locale: 'ko' | 'en' = 'ko') =>
  ({ children }: { children: ReactNode }) => (
    <MunjigiProvider client={auth} locale={locale}>
      {children}
    </MunjigiProvider>
  );

/** A client that is in that state and stays in it. */
const still = (state: AuthState): Munjigi => ({ ...client().auth, getState: () => state, getInitialState: () => state, subscribe: () => () => {} });

const STATES: Record<string, AuthState> = {
  loading: { status: 'loading', user: null, error: null },
  'signed-in': { status: 'signed-in', user, error: null, expiresAt: 1, sessionId: 's' },
  'signed-out': { status: 'signed-out', user: null, error: null, reason: 'initial' },
  error: { status: 'error', user: null, error },
  'error, known': { status: 'error', user, error },
};

it('runs with the React its project names', ({ task }) => {
  expect(version).toMatch(task.file.projectName === 'react-18' ? /^18\./ : /^19\./);
});

describe('the provider', () => {
  it('says how to mend that there is none', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(() => render(<UserBadge />)).toThrow('<MunjigiProvider baseUrl=');
    expect(() => renderHook(useAuth)).toThrow(expect.objectContaining({ code: 'NO_PROVIDER', action: 'fix_config' }));
  });

  it('makes one client for a gateway, whatever StrictMode mounts', async () => {
    const gateway = createFakeGateway({ baseUrl: 'http://one.test' });
    const seen = new Set<Munjigi>();
    const See = () => {
      seen.add(useMunjigi());
      return null;
    };
    const tree = (
      <StrictMode>
        <MunjigiProvider baseUrl={gateway.baseUrl} fetch={gateway.fetch} tabs="off">
          <See />
        </MunjigiProvider>
      </StrictMode>
    );
    const first = render(tree);
    first.unmount();
    render(tree);
    await vi.waitFor(() => expect(gateway.count(REFRESH)).toBe(1));
    await act(async () => void (await [...seen][0]!.ready()));
    expect(seen.size).toBe(1);
    expect(gateway.count(REFRESH)).toBe(1);
  });

  it('starts the client though nobody looks', async () => {
    const { auth, gateway } = client();
    render(<div />, { wrapper: within(auth) });
    await act(async () => void (await auth.ready()));
    expect(gateway.count(REFRESH)).toBe(1);
  });
});

describe('gates', () => {
  const shown = (state: AuthState) => {
    render(
      <>
        <SignedIn>in</SignedIn> <SignedOut>out</SignedOut> <AuthLoading>loading</AuthLoading> <AuthFailed>failed</AuthFailed>{' '}
        <RequireAuth fallback="please">private</RequireAuth>
      </>,
      { wrapper: within(still(state)) },
    );
    return document.body.textContent!.split(/\s+/).filter(Boolean);
  };

  it.each([
    ['loading', ['loading']],
    ['signed-in', ['in', 'private']],
    ['signed-out', ['out', 'please']],
    ['error', ['out', 'failed', 'please']],
    ['error, known', ['in', 'failed', 'private']],
  ])('%s', (state, expected) => {
    expect(shown(STATES[state]!)).toEqual(expected);
  });

  it('show a fallback when closed', () => {
    render(<SignedIn fallback="closed">in</SignedIn>, { wrapper: within(still(STATES['signed-out']!)) });
    expect(document.body.textContent).toBe('closed');
  });

  it('render loading on a server', () => {
    const { auth } = client({}, true);
    const Wrapper = within(auth);
    const html = renderToString(
      <Wrapper>
        <SignedIn>in</SignedIn>
        <SignedOut>out</SignedOut>
        <AuthLoading>loading</AuthLoading>
      </Wrapper>,
    );
    expect(html).toBe('loading');
  });

  it('render who the server knows, and hydrate it', async () => {
    const initialSession = { user, expiresAt: Date.now() + 900_000, sessionId: 'sid-1' };
    const { auth } = client({ initialSession }, true);
    const tree = (
      <MunjigiProvider client={auth}>
        <SignedIn>in</SignedIn>
        <UserBadge />
      </MunjigiProvider>
    );
    const container = document.createElement('div');
    container.innerHTML = renderToString(tree);
    expect(container.textContent).toContain('김문지');
    const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
    render(tree, { container: document.body.appendChild(container), hydrate: true });
    await act(async () => void (await auth.ready()));
    expect(errors).not.toHaveBeenCalled();
  });
});

describe('RequireAuth', () => {
  it('offers the login button', () => {
    render(<RequireAuth>private</RequireAuth>, { wrapper: within(still(STATES['signed-out']!)) });
    expect(screen.getByRole('button', { name: '카카오 로그인' })).toBeTruthy();
  });

  const going = (state: AuthState, address = '/') => {
    history.replaceState(null, '', address);
    const signIn = vi.fn();
    render(
      <RequireAuth redirect fallback="please">
        private
      </RequireAuth>,
      { wrapper: within({ ...still(state), signIn }) },
    );
    return signIn.mock.calls.length;
  };

  it('goes to Kakao when told so', () => {
    expect(going(STATES['signed-out']!)).toBe(1);
  });

  it('does not go while nothing is known, nor while the gateway is away', () => {
    expect(going(STATES['loading']!)).toBe(0);
    expect(going(STATES['error']!)).toBe(0);
  });

  it('does not go after a sign-out, which would sign in again', () => {
    expect(going({ status: 'signed-out', user: null, error: null, reason: 'user' })).toBe(0);
    expect(document.body.textContent).toBe('please');
  });

  it('does not go round after a login that failed', () => {
    expect(going(STATES['signed-out']!, '/?error=KAKAO_LOGIN_CANCELLED&request_id=r')).toBe(0);
    expect(document.body.textContent).toBe('please');
  });

  it('stays where a failure is shown, though the address is clean by then', async () => {
    history.replaceState(null, '', '/private?error=KAKAO_LOGIN_CANCELLED&request_id=r');
    const { auth } = client();
    const signIn = vi.spyOn(auth, 'signIn');
    render(
      <>
        <KakaoCallback />
        <RequireAuth redirect fallback="please">
          private
        </RequireAuth>
      </>,
      { wrapper: within(auth) },
    );
    await screen.findByRole('alert');
    await screen.findByText('please');
    expect(location.search).toBe('');
    expect(signIn).not.toHaveBeenCalled();
  });
});

describe('hooks', () => {
  it('useAuth tells the state and how to change it', async () => {
    const { auth, gateway } = client({}, true);
    const { result } = renderHook(useAuth, { wrapper: within(auth) });
    expect(result.current).toMatchObject({ status: 'loading', isLoading: true, isSignedIn: false });
    await act(async () => void (await auth.ready()));
    expect(result.current).toMatchObject({ status: 'signed-in', isLoading: false, isSignedIn: true, user });
    expect((await result.current.authFetch(`${gateway.baseUrl}/api/protected`)).status).toBe(200);
    await act(async () => void (await result.current.signOut()));
    expect(result.current).toMatchObject({ status: 'signed-out', isSignedIn: false });
  });

  it('useAuth retries', async () => {
    const { auth, gateway } = client({}, true);
    gateway.next(REFRESH, new Response('', { status: 403 }));
    const { result } = renderHook(useAuth, { wrapper: within(auth) });
    await act(async () => void (await auth.ready()));
    expect(result.current.status).toBe('error');
    await act(async () => {
      result.current.retry();
      await auth.refresh();
    });
    expect(result.current.status).toBe('signed-in');
  });

  it('a refresh renders useAuth once and useUser never', async () => {
    const { auth } = client({}, true);
    await auth.ready();
    const renders = { useAuth: 0, useUser: 0, useAccessToken: 0 };
    const functions = new Set<unknown>();
    const A = () => (useAuth(), void renders.useAuth++, null);
    const U = () => (useUser(), void renders.useUser++, null);
    const T = () => (functions.add(useAccessToken()), void renders.useAccessToken++, null);
    render([<A key="a" />, <U key="u" />, <T key="t" />], { wrapper: within(auth) });
    expect(renders).toEqual({ useAuth: 1, useUser: 1, useAccessToken: 1 });
    const before = auth.getState();
    await new Promise<void>((resolve) => {
      // The next millisecond, so that the token's end is another one.
      const start = Date.now();
      const wait = () => (Date.now() > start ? resolve() : setImmediate(wait));
      wait();
    });
    await act(async () => void (await auth.refresh()));
    expect(auth.getState()).not.toBe(before);
    expect(renders).toEqual({ useAuth: 2, useUser: 1, useAccessToken: 1 });
    expect(functions.size).toBe(1);
  });

  it('useSessions lists and ends devices', async () => {
    const { auth, gateway } = client({}, true);
    await auth.ready();
    gateway.signIn(user);
    const { result } = renderHook(useSessions, { wrapper: within(auth) });
    expect(result.current.isLoading).toBe(true);
    await vi.waitFor(() => expect(result.current.sessions).toHaveLength(2));
    await act(() => result.current.revoke(result.current.sessions.find(({ current }) => !current)!.id));
    expect(result.current.sessions).toHaveLength(1);
    await act(async () => void (await auth.signOut()));
    expect(result.current).toMatchObject({ sessions: [], isLoading: false, error: null });
  });

  it('useSessions tells what went wrong', async () => {
    const { auth, gateway } = client({}, true);
    await auth.ready();
    gateway.next('GET /api/auth/sessions', gateway.problem('STORAGE_UNAVAILABLE', 503));
    const { result } = renderHook(useSessions, { wrapper: within(auth) });
    await vi.waitFor(() => expect(result.current.error).toMatchObject({ code: 'STORAGE_UNAVAILABLE' }));
    await act(() => result.current.refetch());
    expect(result.current).toMatchObject({ error: null, isLoading: false });
    expect(result.current.sessions).toHaveLength(1);
  });
});

describe('KakaoLoginButton', () => {
  const button = (ui = <KakaoLoginButton />, auth = client().auth, locale: 'ko' | 'en' = 'ko') => {
    render(ui, { wrapper: within(auth, locale) });
    return screen.getByRole('button');
  };

  it.each([
    ['ko', 'full', '카카오 로그인'],
    ['ko', 'short', '로그인'],
    ['en', 'full', 'Login with Kakao'],
    ['en', 'short', 'Login'],
  ] as const)('%s %s: %s', (lang, label, text) => {
    const element = button(<KakaoLoginButton lang={lang} label={label} />);
    expect(element.textContent).toBe(text);
    expect(element.getAttribute('lang')).toBe(lang);
    expect(screen.getByRole('button', { name: text })).toBe(element);
  });

  it('speaks the provider’s language', () => {
    expect(button(<KakaoLoginButton />, client().auth, 'en').textContent).toBe('Login with Kakao');
  });

  it('is no submit button', () => {
    expect(button().getAttribute('type')).toBe('button');
  });

  it('wears Kakao’s colours, radius and symbol', () => {
    const { style, innerHTML } = button();
    expect(style.backgroundColor).toBe('rgb(254, 229, 0)');
    expect(style.color).toBe('rgba(0, 0, 0, 0.85)');
    expect(style.borderRadius).toBe('12px');
    expect(innerHTML).toContain('fill="#000"');
    expect(innerHTML).toContain('aria-hidden="true"');
  });

  it('does not let them be taken off, and warns', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { style } = button(<KakaoLoginButton style={{ backgroundColor: 'red', borderRadius: 0, marginTop: 8 }} />);
    expect([style.backgroundColor, style.borderRadius, style.marginTop]).toEqual(['rgb(254, 229, 0)', '12px', '8px']);
    expect(warn.mock.calls[0]?.[0]).toMatch(/backgroundColor, borderRadius/);
  });

  it('does not warn of what it allows', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    button(<KakaoLoginButton style={{ marginTop: 8 }} aria-label="회원은 카카오 로그인" />);
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    ['sm', '0.75rem'],
    ['md', '0.9375rem'],
    ['lg', '1.125rem'],
  ] as const)('%s: three lines of %s high', (size, fontSize) => {
    const { style } = button(<KakaoLoginButton size={size} />);
    expect(parseFloat(style.fontSize) * 16 * 3).toBe({ sm: 36, md: 45, lg: 54 }[size]);
    expect(parseFloat(style.fontSize)).toBe(parseFloat(fontSize));
    expect(style.minHeight).toBe('3em');
  });

  it('grows to both sides, or to the right of a label on the left', () => {
    const { style } = button(<KakaoLoginButton width="full" align="left" />);
    expect([style.width, style.justifyContent]).toEqual(['100%', 'flex-start']);
  });

  it('takes a name that contains what is seen, and no other', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(button(<KakaoLoginButton aria-label="회원은 카카오 로그인" />).getAttribute('aria-label')).toBe('회원은 카카오 로그인');
    cleanup();
    expect(button(<KakaoLoginButton aria-label="enter" />).getAttribute('aria-label')).toBeNull();
    expect(warn.mock.calls[0]?.[0]).toMatch(/aria-label/);
  });

  it('takes Kakao’s own symbol', () => {
    const element = button(<KakaoLoginButton symbol={<img src="/kakao.png" alt="" />} />);
    expect(element.querySelector('svg')).toBeNull();
    expect(element.querySelector('img')).not.toBeNull();
  });

  it('puts no style into markup, which a strict policy forbids', () => {
    const Wrapper = within(client().auth);
    const html = renderToString(
      <Wrapper>
        <KakaoLoginButton />
      </Wrapper>,
    );
    expect(html).toContain('카카오 로그인');
    expect(html).not.toMatch(/<style|style=/);
  });

  it('shows a ring of its own when it has the keyboard’s focus', () => {
    const element = button();
    vi.spyOn(element, 'matches').mockImplementation((selector) => selector === ':focus-visible');
    fireEvent.focus(element);
    expect(element.style.outline).toBe('2px solid #1E1E1E');
    vi.spyOn(element, 'matches').mockReturnValue(false);
    fireEvent.blur(element);
    expect(element.style.outline).toBe('');
  });

  it('has an outline where colours are forced', () => {
    vi.stubGlobal('matchMedia', () => ({ matches: true }));
    const { style } = button();
    expect(style.outline.toLowerCase()).toBe('1px solid buttontext');
    expect(style.getPropertyValue('forced-color-adjust')).toBe('none');
  });

  it('leaves once, says so without losing the focus, and is ready when the page comes back', () => {
    const { auth, went } = client();
    const element = button(<KakaoLoginButton returnTo="/me" prompt="login" />, auth);
    element.focus();
    fireEvent.click(element);
    fireEvent.click(element);
    expect(went).toHaveLength(1);
    expect(new URL(went[0]!).searchParams.get('prompt')).toBe('login');
    expect(element.getAttribute('aria-busy')).toBe('true');
    expect(element.hasAttribute('disabled')).toBe(false);
    expect(element.textContent).toBe('카카오 로그인');
    expect(document.activeElement).toBe(element);
    act(() => void window.dispatchEvent(new Event('pageshow')));
    expect(element.hasAttribute('aria-busy')).toBe(false);
    fireEvent.click(element);
    expect(went).toHaveLength(2);
  });

  it('is ready again when the login could not begin', async () => {
    const { auth, gateway } = client({ redirectUri: `${location.origin}/callback` });
    gateway.next('GET /api/auth/kakao/login-url', gateway.problem('RATE_LIMIT_EXCEEDED', 400));
    const element = button(<KakaoLoginButton />, auth);
    fireEvent.click(element);
    await vi.waitFor(() => expect(element.hasAttribute('aria-busy')).toBe(false));
    expect(gateway.received).toHaveLength(2);
  });

  it('leaves it to the app that prevents it', () => {
    const { auth, went } = client();
    fireEvent.click(button(<KakaoLoginButton onClick={(event) => event.preventDefault()} />, auth));
    expect(went).toEqual([]);
  });

  it('hands its element to a ref, of either kind, for good', () => {
    const ref = createRef<HTMLButtonElement>();
    const heard: (Element | null)[] = [];
    const ui = (size: 'sm' | 'lg') => [
      <KakaoLoginButton key="a" ref={ref} size={size} />,
      <KakaoLoginButton key="b" ref={(element) => void heard.push(element)} aria-label="둘째 카카오 로그인" />,
    ];
    const { rerender, unmount } = render(ui('sm'), { wrapper: within(client().auth) });
    const [first, second] = screen.getAllByRole('button');
    expect(ref.current).toBe(first);
    expect(heard[0]).toBe(second);
    rerender(ui('lg'));
    expect(ref.current).toBe(first);
    expect(first!.style.fontSize).toBe('1.125rem');
    unmount();
    expect(ref.current).toBeNull();
    expect(heard.at(-1)).toBeNull();
  });

  describe('as a link', () => {
    it('hands its element to a ref', () => {
      const ref = createRef<HTMLAnchorElement>();
      render(<KakaoLoginButton as="link" ref={ref} />, { wrapper: within(client().auth) });
      expect(ref.current).toBe(screen.getByRole('link'));
    });

    it('works without JavaScript', () => {
      const { auth, gateway } = client();
      const Wrapper = within(auth);
      const html = renderToString(
        <Wrapper>
          <KakaoLoginButton as="link" />
        </Wrapper>,
      );
      expect(html).toContain(`href="${gateway.baseUrl}/api/auth/kakao/login?"`);
    });

    it('knows the page once it is alive, and leaves other tabs to the browser', () => {
      const { auth, went } = client();
      render(<KakaoLoginButton as="link" />, { wrapper: within(auth) });
      const link = screen.getByRole('link', { name: '카카오 로그인' });
      expect(link.getAttribute('href')).toContain(encodeURIComponent(location.href));
      link.addEventListener('click', (event) => event.ctrlKey && event.preventDefault());
      fireEvent.click(link, { ctrlKey: true });
      expect(went).toEqual([]);
      fireEvent.click(link);
      expect(went).toHaveLength(1);
    });
  });
});

describe('KakaoCallback', () => {
  const redirectUri = `${location.origin}/callback`;

  async function returned() {
    const one = client({ redirectUri });
    one.auth.signIn({ returnTo: '/shop' });
    await vi.waitFor(() => expect(one.went).toHaveLength(1));
    history.replaceState(null, '', one.gateway.consent(one.went[0]!));
    return one;
  }

  it('under StrictMode posts once and succeeds once', async () => {
    const { auth, gateway } = await returned();
    const onSuccess = vi.fn();
    render(
      <StrictMode>
        <MunjigiProvider client={auth}>
          <KakaoCallback onSuccess={onSuccess} />
        </MunjigiProvider>
      </StrictMode>,
    );
    expect(screen.getByRole('status').textContent).toBe('로그인하는 중입니다…');
    expect(location.search).toBe('');
    await vi.waitFor(() => expect(onSuccess).toHaveBeenCalled());
    await act(async () => void (await auth.ready()));
    expect(gateway.count(CALLBACK)).toBe(1);
    expect(onSuccess).toHaveBeenCalledOnce();
    expect(onSuccess).toHaveBeenCalledWith({ user, isNewUser: true, returnTo: `${location.origin}/shop` });
    expect(auth.getState().status).toBe('signed-in');
  });

  it('says nothing to a page that is gone', async () => {
    const { auth } = await returned();
    const onSuccess = vi.fn();
    const { unmount } = render(<KakaoCallback onSuccess={onSuccess} />, { wrapper: within(auth) });
    unmount();
    await vi.waitFor(() => expect(auth.getState().status).toBe('signed-in'));
    expect(onSuccess).not.toHaveBeenCalled();
  });

  it('finds what a page before it began', async () => {
    const { auth, gateway } = await returned();
    const first = render(<KakaoCallback onSuccess={() => {}} />, { wrapper: within(auth) });
    first.unmount();
    const onSuccess = vi.fn();
    render(<KakaoCallback onSuccess={onSuccess} />, { wrapper: within(auth) });
    await vi.waitFor(() => expect(onSuccess).toHaveBeenCalledOnce());
    expect(gateway.count(CALLBACK)).toBe(1);
  });

  it('shows a failure to eyes, ears and keyboard', async () => {
    const { auth, gateway, went } = await returned();
    gateway.next(CALLBACK, gateway.problem('KAKAO_CODE_USED'));
    const onError = vi.fn();
    render(<KakaoCallback onError={onError} />, { wrapper: within(auth) });
    const alert = await screen.findByRole('alert');
    await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByRole('heading', { name: '로그인하지 못했습니다' })));
    await vi.waitFor(() => expect(alert.textContent).toContain('KAKAO_CODE_USED.'));
    expect(alert.textContent).toContain('요청 번호 req-');
    expect(onError).toHaveBeenCalledOnce();
    fireEvent.click(screen.getByRole('button', { name: '다시 시도' }));
    await vi.waitFor(() => expect(went).toHaveLength(2));
  });

  it('words a failure of flow A itself', async () => {
    history.replaceState(null, '', '/?error=KAKAO_LOGIN_CANCELLED&request_id=r1');
    render(<KakaoCallback />, { wrapper: within(client().auth, 'en') });
    const alert = await screen.findByRole('alert');
    await vi.waitFor(() => expect(alert.textContent).toContain('The Kakao login was cancelled.'));
    expect(alert.textContent).toContain('Request id r1');
    expect(location.search).toBe('');
  });

  it('leaves the look of waiting and failing to the app', async () => {
    history.replaceState(null, '', '/?error=KAKAO_LOGIN_CANCELLED&request_id=r1');
    render(<KakaoCallback pending="…" renderError={({ code }, retry) => <button onClick={retry}>{code}</button>} />, {
      wrapper: within(client().auth),
    });
    expect(screen.getByRole('status').textContent).toBe('…');
    await screen.findByRole('button', { name: 'KAKAO_LOGIN_CANCELLED' });
  });
});

describe('UserBadge', () => {
  it('shows picture and name, and nothing for nobody', () => {
    const { container } = render(<UserBadge />, { wrapper: within(still(STATES['signed-in']!)) });
    expect(container.textContent?.trim()).toBe('김문지');
    expect(container.querySelector('img[alt=""]')?.getAttribute('referrerpolicy')).toBe('no-referrer');
    cleanup();
    expect(render(<UserBadge />, { wrapper: within(still(STATES['signed-out']!)) }).container.textContent).toBe('');
  });
});
