import { describe, expect, it } from 'vitest';
import { MunjigiError } from '../src/index.js';
import { isLegal, loading, next, signedOut, type Input } from '../src/machine.js';
import { fakeUser } from '../src/testing/index.js';
import type { AuthState } from '../src/types.js';

const user = fakeUser();
const renamed = { ...user, nickname: '문지기' };
const error = new MunjigiError('NETWORK_ERROR', 'x', { action: 'retry' });

const STATES: Record<string, AuthState> = {
  loading,
  'signed-in': { status: 'signed-in', user, error: null, expiresAt: 1000, sessionId: 's1' },
  'signed-out': signedOut('user'),
  'error without a user': { status: 'error', user: null, error },
  'error with a user': { status: 'error', user, error },
};

const INPUTS: Record<string, Input> = {
  session: { type: 'session', session: { user, exp: 2000, sid: 's2' } },
  nobody: { type: 'nobody', reason: 'revoked' },
  'sign-out': { type: 'sign-out', reason: 'other-tab' },
  failed: { type: 'failed', error },
};

const inside: AuthState = { status: 'signed-in', user, error: null, expiresAt: 2000, sessionId: 's2' };
const ILLEGAL = 'illegal';

// Every state with every input; this is the table of the design.
const TABLE: [state: string, input: string, after: AuthState | typeof ILLEGAL][] = [
  ['loading', 'session', inside],
  ['loading', 'nobody', signedOut('initial')],
  ['loading', 'sign-out', signedOut('other-tab')],
  ['loading', 'failed', { status: 'error', user: null, error }],
  ['signed-in', 'session', inside],
  ['signed-in', 'nobody', signedOut('revoked')],
  ['signed-in', 'sign-out', signedOut('other-tab')],
  ['signed-in', 'failed', { status: 'error', user, error }],
  ['signed-out', 'session', inside],
  ['signed-out', 'nobody', ILLEGAL],
  ['signed-out', 'sign-out', ILLEGAL],
  ['signed-out', 'failed', ILLEGAL],
  ['error without a user', 'session', inside],
  ['error without a user', 'nobody', signedOut('initial')],
  ['error without a user', 'sign-out', signedOut('other-tab')],
  ['error without a user', 'failed', { status: 'error', user: null, error }],
  ['error with a user', 'session', inside],
  ['error with a user', 'nobody', signedOut('revoked')],
  ['error with a user', 'sign-out', signedOut('other-tab')],
  ['error with a user', 'failed', { status: 'error', user, error }],
];

describe('the table', () => {
  it('has every state with every input', () => {
    expect(TABLE.length).toBe(Object.keys(STATES).length * Object.keys(INPUTS).length);
    expect(new Set(TABLE.map(([state, input]) => `${state} ${input}`)).size).toBe(TABLE.length);
  });

  it.each(TABLE.filter(([, , after]) => after !== ILLEGAL))('%s + %s', (state, input, after) => {
    expect(next(STATES[state]!, INPUTS[input]!)).toEqual(after);
    expect(isLegal(STATES[state]!, INPUTS[input]!)).toBe(true);
  });

  it.each(TABLE.filter(([, , after]) => after === ILLEGAL))('%s + %s is illegal', (state, input) => {
    expect(() => next(STATES[state]!, INPUTS[input]!)).toThrow(`munjigi: ${INPUTS[input]!.type} in ${STATES[state]!.status}`);
    expect(isLegal(STATES[state]!, INPUTS[input]!)).toBe(false);
  });

  it.each(TABLE.filter(([, , after]) => after === ILLEGAL))('%s + %s changes nothing in production', (state, input) => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      expect(next(STATES[state]!, INPUTS[input]!)).toBe(STATES[state]);
    } finally {
      process.env.NODE_ENV = before;
    }
  });
});

describe('references', () => {
  it('keeps the user that says the same', () => {
    const after = next(STATES['signed-in']!, { type: 'session', session: { user: { ...user }, exp: 2000, sid: 's1' } });
    expect(after.user).toBe(user);
  });

  it('takes the user that does not', () => {
    const after = next(STATES['signed-in']!, { type: 'session', session: { user: renamed, exp: 2000, sid: 's1' } });
    expect(after.user).toBe(renamed);
  });

  it('keeps the state when nothing changed', () => {
    const same: Input = { type: 'session', session: { user: { ...user }, exp: 1000, sid: 's1' } };
    expect(next(STATES['signed-in']!, same)).toBe(STATES['signed-in']);
  });
});
