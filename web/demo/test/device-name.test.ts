import { expect, test } from 'vitest';
import rust from '../../../src/http/device_name.rs?raw';
import { BROWSERS, deviceName, SYSTEMS } from '../src/device-name';

test('browsers are called by their own name and not by their ancestors', () => {
  const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
  expect(deviceName(chrome)).toBe('Chrome, Windows');
  expect(deviceName(`${chrome} Edg/142.0`)).toBe('Edge, Windows');
  expect(deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 KAKAOTALK 25.1.0')).toBe('KakaoTalk, iPhone');
  expect(deviceName('curl/8.5.0')).toBe('curl');
  expect(deviceName('something else')).toBeUndefined();
  expect(deviceName(null)).toBeUndefined();
});

test('the account page calls them the same', () => {
  const tables = rust.split('#[cfg(test)]')[0] ?? '';
  const pairs = [...tables.matchAll(/\("([^"]+)", "([^"]+)"\)/g)].map(([, mark, name]) => [mark, name]);
  expect([...BROWSERS, ...SYSTEMS]).toEqual(pairs);
});
