// Checked by `tsc`, never run: what the types allow, and what they do not.
import { createMunjigi, MunjigiError, type AuthState, type AuthUser, type ErrorCode } from '../src/index.js';
import type { paths } from '../src/schema.js';
import type { AccessClaims } from '../src/server/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T | undefined => undefined;

const auth = createMunjigi({ baseUrl: '' });

declare const state: AuthState;
if (state.status === 'signed-in') {
  is<Equal<typeof state.user, AuthUser>>();
  is<Equal<typeof state.expiresAt, number>>();
}
if (state.status === 'loading') is<Equal<typeof state.user, null>>();
if (state.status === 'error') is<Equal<typeof state.error, MunjigiError>>();
// @ts-expect-error only a signed-in state has an end
void state.expiresAt;

is<Equal<ReturnType<typeof auth.getAccessToken>, Promise<string | null>>>();
is<Equal<AuthUser['nickname'], string | null>>();
is<Equal<AuthUser, paths['/api/auth/profile']['get']['responses'][200]['content']['application/json; charset=utf-8']>>();
is<Equal<AccessClaims['sid'], string>>();

const code: ErrorCode = 'KAKAO_CODE_USED';
void code;
// @ts-expect-error no such code
const none: ErrorCode = 'KAKAO_CODE_USEDD';
void none;

// @ts-expect-error the gateway has to be named
createMunjigi({});
// @ts-expect-error an ID token needs its nonce
void auth.signInWithKakaoToken({ idToken: 'x' });
// @ts-expect-error Kakao knows no such prompt
auth.signIn({ prompt: 'consent' });
// @ts-expect-error undefined is not "not given"
createMunjigi({ baseUrl: '', redirectUri: undefined });
void auth.fetch('/x', { method: 'POST' });
