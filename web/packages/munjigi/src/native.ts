// Where native apps keep the refresh token. The modules are handed in: this package brings no native code.
import type { TokenStorage } from './types.js';

/** What is used of `expo-secure-store`. */
export interface SecureStoreLike {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
  deleteItemAsync(key: string): Promise<void>;
}

export const secureStore = (store: SecureStoreLike, key = 'munjigi.refresh_token'): TokenStorage => ({
  get: () => store.getItemAsync(key),
  set: (value) => (value === null ? store.deleteItemAsync(key) : store.setItemAsync(key, value)),
});

/** What is used of `react-native-keychain`. */
export interface KeychainLike {
  getGenericPassword(options: { service: string }): Promise<false | { password: string }>;
  setGenericPassword(username: string, password: string, options: { service: string }): Promise<unknown>;
  resetGenericPassword(options: { service: string }): Promise<unknown>;
}

export const keychain = (store: KeychainLike, service = 'munjigi'): TokenStorage => ({
  async get() {
    const found = await store.getGenericPassword({ service });
    return found ? found.password : null;
  },
  async set(value) {
    if (value === null) await store.resetGenericPassword({ service });
    else await store.setGenericPassword('munjigi', value, { service });
  },
});
