'use client';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { here } from '../address.js';
import type { CallbackResult, Locale, MunjigiError } from '../index.js';
import { useProvided } from './context.js';

export interface KakaoCallbackOptions {
  /** Called once, while mounted. Default in flow B: go to where the person came from. */
  onSuccess?: ((result: CallbackResult) => void) | undefined;
  onError?: ((error: MunjigiError) => void) | undefined;
}

export type KakaoCallbackState = { status: 'working' | 'done'; error: null } | { status: 'error'; error: MunjigiError };

/** Finishes the login this page was opened with. */
export function useKakaoCallback(options: KakaoCallbackOptions = {}): KakaoCallbackState & { retry: () => void } {
  const { auth } = useProvided();
  const [state, setState] = useState<KakaoCallbackState>({ status: 'working', error: null });
  // Read before anything cleans it, and the same for both of StrictMode's effects.
  const [url] = useState(here);
  const isTold = useRef(false);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    let isMounted = true;
    const once = (tell: () => void) => {
      if (!isMounted || isTold.current) return;
      isTold.current = true;
      tell();
    };
    auth.handleCallback(url).then(
      (result) =>
        once(() => {
          setState({ status: 'done', error: null });
          if (latest.current.onSuccess) latest.current.onSuccess(result);
          else if (result.returnTo) location.replace(result.returnTo);
        }),
      (error: MunjigiError) =>
        once(() => {
          setState({ status: 'error', error });
          latest.current.onError?.(error);
        }),
    );
    return () => {
      isMounted = false;
    };
  }, [auth, url]);
  const retry = useCallback(() => auth.signIn(), [auth]);
  return { ...state, retry };
}

export interface KakaoCallbackProps extends KakaoCallbackOptions {
  pending?: ReactNode;
  renderError?: (error: MunjigiError, retry: () => void) => ReactNode;
}

const TEXT = {
  ko: { working: '로그인하는 중입니다…', failed: '로그인하지 못했습니다', again: '다시 시도', id: '요청 번호' },
  en: { working: 'Signing in…', failed: 'The login did not work', again: 'Try again', id: 'Request id' },
} as const;

/** The page at the redirect URI (flow B), or the page people come back to (flow A: it shows what failed). */
export function KakaoCallback({ pending, renderError, onSuccess, onError }: KakaoCallbackProps) {
  const { locale } = useProvided();
  const { status, error, retry } = useKakaoCallback({ onSuccess, onError });
  if (status === 'error') return <>{renderError ? renderError(error, retry) : <Failure {...{ error, retry, locale }} />}</>;
  return status === 'working' ? <div role="status">{pending === undefined ? TEXT[locale].working : pending}</div> : null;
}

function Failure({ error, retry, locale }: { error: MunjigiError; retry: () => void; locale: Locale }) {
  const text = TEXT[locale];
  const [message, setMessage] = useState(error.message);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    // Only a failure needs the sentences. Without them the general one stands.
    import('../texts.js').then(
      ({ errorText }) => setMessage(errorText(error, locale)),
      () => {},
    );
  }, [error, locale]);
  return (
    <div role="alert" lang={locale}>
      <h1 ref={heading} tabIndex={-1}>
        {text.failed}
      </h1>
      <p>{message}</p>
      {error.hint && <p>{error.hint}</p>}
      <p>
        <code>{error.kakaoCode ? `${error.code} (${error.kakaoCode})` : error.code}</code>
        {error.requestId && ` · ${text.id} ${error.requestId}`}
      </p>
      <button type="button" onClick={retry}>
        {text.again}
      </button>
    </div>
  );
}
