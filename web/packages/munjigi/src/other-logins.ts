// Logins that are no button: KakaoTalk's own browser, and Kakao's SDK in native apps.
import type { Inside } from './actions.js';
import { enter } from './enter.js';
import type { components } from './schema.js';
import type { TokenAnswer } from './session.js';
import { recall, remember } from './tab-memory.js';
import type { AuthState, AuthUser, KakaoNativeToken } from './types.js';

const SILENT = 'silent';

export async function signInSilently({ auth }: Inside): Promise<AuthState> {
  const { ready, signIn, handleCallback } = auth();
  const state = await ready();
  const page = globalThis.location?.href;
  const isInTalk = /KAKAOTALK/i.test(globalThis.navigator?.userAgent ?? '');
  // Back from a try that found that Kakao has to ask: no failure to show.
  if (page && new URL(page).searchParams.get('error') === 'KAKAO_INTERACTION_REQUIRED') await handleCallback().catch(() => {});
  else if (state.status === 'signed-out' && isInTalk && !recall(SILENT)) {
    remember(SILENT, 1, 1e9);
    signIn({ prompt: 'none' });
  }
  return state;
}

export async function signInWithKakaoToken({ keeper, call }: Inside, given: KakaoNativeToken): Promise<AuthUser> {
  const body = 'idToken' in given ? { id_token: given.idToken, nonce: given.nonce } : { access_token: given.accessToken };
  return (await enter(keeper, () => call<TokenAnswer>('POST /api/auth/kakao/token', body))).user;
}

export async function nativeNonce({ call }: Inside): Promise<string> {
  return (await call<components['schemas']['Nonce']>('POST /api/auth/kakao/nonce')).nonce;
}
