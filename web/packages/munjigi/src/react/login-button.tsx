'use client';
import {
  forwardRef,
  useCallback,
  useEffect,
  useState,
  useSyncExternalStore,
  type AnchorHTMLAttributes,
  type ButtonHTMLAttributes,
  type FocusEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import type { Locale, SignInOptions } from '../index.js';
import { dress, ring, type Look } from './button-look.js';
import { useProvided } from './context.js';

/** Whoever bundles React has this replaced; the warnings below go with it. */
declare const process: { env: { NODE_ENV?: string } };

export interface KakaoLoginButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'onError' | 'children'>, Look {
  /** Default: the provider's `locale`. */
  lang?: Locale;
  /** Kakao knows these labels and no others. */
  label?: 'full' | 'short';
  /** Kakao's own file of the symbol, unchanged; default: ours, drawn after it. */
  symbol?: ReactNode;
  /** `link` works without JavaScript; flow A only. */
  as?: 'button' | 'link';
  returnTo?: string;
  prompt?: SignInOptions['prompt'];
}

export const LABELS = {
  ko: { full: '카카오 로그인', short: '로그인' },
  en: { full: 'Login with Kakao', short: 'Login' },
} as const;

const SYMBOL = (
  <svg viewBox="0 0 20 20" width="1.2em" height="1.2em" aria-hidden="true" focusable="false">
    <path
      fill="#000"
      d="M10 1.9c-5 0-9 3.2-9 7.1 0 2.6 1.7 4.8 4.3 6.1l-.8 3c-.1.4.3.7.6.5l3.6-2.5c.4.1.9.1 1.3.1 5 0 9-3.2 9-7.2s-4-7.1-9-7.1z"
    />
  </svg>
);

const never = () => () => {};

type OnFocus = (event: FocusEvent<HTMLButtonElement>) => void;
const ringing =
  (then: OnFocus | undefined): OnFocus =>
  (event) => {
    then?.(event);
    ring(event.currentTarget);
  };

/** The login button by Kakao's design guide. */
export const KakaoLoginButton = forwardRef<HTMLElement, KakaoLoginButtonProps>(function KakaoLoginButton(props, given) {
  const { auth, locale } = useProvided();
  const { lang = locale, label = 'full', size = 'md', width, align, symbol = SYMBOL, as, returnTo, prompt, ...others } = props;
  const { className = '', 'aria-label': name, onClick, onFocus, onBlur, ...rest } = others;
  const asked = { returnTo, prompt } as SignInOptions;
  const text = LABELS[lang][label];

  // Leaving takes a while; `disabled` would lose the focus. The page may come back from the back-forward cache.
  const [isLeaving, setLeaving] = useState(false);
  useEffect(() => {
    const rearm = () => setLeaving(false);
    const off = auth.on(({ type }) => type === 'error' && rearm());
    addEventListener('pageshow', rearm);
    return () => {
      off();
      removeEventListener('pageshow', rearm);
    };
  }, [auth]);

  const ref = useCallback(
    (element: HTMLElement | null) => {
      if (element) dress(element, { size, width, align }, props.style);
      if (typeof given === 'function') return given(element);
      if (given) given.current = element;
      return undefined;
    },
    // What `style` says is read, not followed: an object of every render would make the ref change with it.
    [size, width, align, given],
  );

  // A server does not know this page's address: it is added once the page is alive.
  const url = (more?: SignInOptions) => (as === 'link' ? auth.signInUrl({ ...asked, ...more }) : undefined);
  const href = useSyncExternalStore(never, () => url(), () => url({ returnTo: returnTo ?? '' }));

  if (process.env.NODE_ENV !== 'production') warn(props, text);

  const own = {
    ...rest,
    ref,
    lang,
    // A name that does not contain what is seen leaves people who speak to their computer without a button.
    'aria-label': name?.includes(text) ? name : undefined,
    'aria-busy': isLeaving || undefined,
    className: `munjigi-kakao-login munjigi-${size} ${className}`.trim(),
    'data-width': width,
    'data-align': align,
    onFocus: ringing(onFocus),
    onBlur: ringing(onBlur),
    onClick(event: MouseEvent<HTMLButtonElement>) {
      onClick?.(event);
      const { defaultPrevented, metaKey, ctrlKey, shiftKey, altKey } = event;
      // A link opened in another tab is the browser's business.
      if (defaultPrevented || isLeaving || (href && (metaKey || ctrlKey || shiftKey || altKey))) return;
      event.preventDefault();
      setLeaving(true);
      auth.signIn(asked);
    },
    children: (
      <>
        {symbol}
        <span>{text}</span>
      </>
    ),
  };
  return href ? <a {...(own as unknown as AnchorHTMLAttributes<HTMLAnchorElement>)} href={href} /> : <button type="button" {...own} />;
});

const OVERRIDES = ['background', 'backgroundColor', 'backgroundImage', 'color', 'borderRadius'] as const;

function warn({ style, ...props }: KakaoLoginButtonProps, text: string) {
  const overridden = OVERRIDES.filter((name) => style?.[name] !== undefined);
  if (overridden[0]) console.warn(`munjigi: Kakao's design guide fixes ${overridden.join(', ')} of the login button`);
  const name = props['aria-label'];
  if (name && !name.includes(text)) console.warn(`munjigi: aria-label has to contain the visible label "${text}"`);
}
