// What a tab remembers across the way to Kakao, and for how long: one JSON object in sessionStorage, which may be forbidden.

const KEY = 'munjigi';

type Notes = { [name: string]: { value: unknown; until: number } };

const read = (): Notes => JSON.parse(sessionStorage.getItem(KEY) ?? '{}');

/** Throws where nothing can be kept. Sweeps away what is over. */
export function remember(name: string, value: unknown, seconds: number): void {
  const now = Date.now();
  const living = Object.entries(read()).filter(([, note]) => note.until > now);
  const notes: Notes = { ...Object.fromEntries(living), [name]: { value, until: now + seconds * 1000 } };
  sessionStorage.setItem(KEY, JSON.stringify(notes));
}

export function recall<T>(name: string): T | undefined {
  try {
    const note = read()[name];
    return note && note.until > Date.now() ? (note.value as T) : undefined;
  } catch {
    return undefined;
  }
}
