// The same without React.
import { lang, publicUrl } from './page';

const BEARER = '-H "Authorization: Bearer $ACCESS_TOKEN"';
const curl = (...parts: string[]) => ['curl ' + parts[0], ...parts.slice(1)].join(' \\\n  ');
const signOut = (scope: string) =>
  curl(`-X POST ${publicUrl}/api/auth/logout`, BEARER, '-H "Content-Type: application/json"', `-d '{"scope":"${scope}"}'`);

export const link = `<a href="${publicUrl}/api/auth/kakao/login?return_to=/">
  ${lang === 'en' ? 'Login with Kakao' : '카카오 로그인'}
</a>`;

export const commands = {
  callApi: curl(`${publicUrl}/api/protected`, BEARER),
  refresh: curl(`-i -X POST ${publicUrl}/api/auth/refresh`, '-H "X-Munjigi-Cookie: 1"', '-b "munjigi_rt=$REFRESH_TOKEN"'),
  signOut: signOut('this'),
  signOutEverywhere: signOut('all'),
  leave: curl(`-X DELETE ${publicUrl}/api/auth/profile`, BEARER),
  profile: curl(`${publicUrl}/api/auth/profile`, BEARER),
  keys: curl(`${publicUrl}/.well-known/jwks.json`),
  devices: curl(`${publicUrl}/api/auth/sessions`, BEARER) + '\n\n' + curl(`-X DELETE ${publicUrl}/api/auth/sessions/$SESSION_ID`, BEARER),
};
