/** What a JWT says. Nothing is checked here: that is for whoever lets somebody in. */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload] = token.split('.');
  if (!payload) return {};
  const bytes = atob(payload.replace(/-/g, '+').replace(/_/g, '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
}
