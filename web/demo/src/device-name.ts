// "Chrome, Windows" of a user agent: enough to recognise one's own devices. The account page says the same (src/http/device_name.rs).

/** First match wins: browsers name the ones they descend from, and in-app browsers the one they are in. */
export const BROWSERS = [
  ['KAKAOTALK', 'KakaoTalk'],
  ['NAVER(', 'NAVER'],
  ['SamsungBrowser', 'Samsung Internet'],
  ['Whale/', 'Whale'],
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['FxiOS', 'Firefox'],
  ['Firefox', 'Firefox'],
  ['CriOS', 'Chrome'],
  ['Chrome', 'Chrome'],
  ['Safari', 'Safari'],
  ['curl', 'curl'],
] as const;

export const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['CrOS', 'ChromeOS'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const;

/** Undefined when neither browser nor system is known. */
export function deviceName(userAgent: string | null): string | undefined {
  const find = (marks: typeof BROWSERS | typeof SYSTEMS) => marks.find(([mark]) => userAgent?.includes(mark))?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(', ') || undefined;
}
