import { webcrypto } from 'node:crypto';
import { afterEach, vi } from 'vitest';
// Loaded before any test, so that loading it takes no turn of a fake clock.
import '../src/actions.js';
import '../src/texts.js';

// Node 18 has it only as an import, and jsdom half of it.
if (!globalThis.crypto?.subtle) Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true });

afterEach(() => {
  vi.useRealTimers();
  globalThis.sessionStorage?.clear();
  globalThis.localStorage?.clear();
});
