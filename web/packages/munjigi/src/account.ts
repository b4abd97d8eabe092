// Calls in the name of whoever is signed in.
import { after401, getAccessToken } from './access.js';
import type { Inside } from './actions.js';
import type { MunjigiError } from './error.js';
import type { AuthUser, DeviceSession } from './types.js';

async function authorized<T>(inside: Inside, route: `${string} /api/auth/${string}`, body?: object): Promise<T> {
  const { keeper, call } = inside;
  const token = await getAccessToken(inside);
  try {
    return await call<T>(route, body, token);
  } catch (error) {
    const newer = token && (error as MunjigiError).status === 401 && (await after401(keeper, token));
    if (!newer) throw error;
    return call<T>(route, body, newer);
  }
}

export async function updateProfile(inside: Inside, change: { nickname: string }): Promise<AuthUser> {
  const user = await authorized<AuthUser>(inside, 'PATCH /api/auth/profile', change);
  const { session, share, open } = inside.keeper;
  const now = session();
  // Of somebody who signed out meanwhile, nothing changes.
  if (now && open.getState().status === 'signed-in') share({ ...now, user: { ...user, private_fields: null } });
  return user;
}

export const listSessions = (inside: Inside): Promise<DeviceSession[]> => authorized(inside, 'GET /api/auth/sessions');

export async function revokeSession(inside: Inside, id: string): Promise<void> {
  await authorized(inside, `DELETE /api/auth/sessions/${encodeURIComponent(id)}`);
  if (id === inside.keeper.session()?.sid) inside.keeper.leave();
}

export async function deleteAccount(inside: Inside): Promise<void> {
  await authorized(inside, 'DELETE /api/auth/profile');
  inside.keeper.leave();
}
