'use client';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { createMunjigi, MunjigiError, type Locale, type Munjigi, type MunjigiOptions } from '../index.js';

/** Whoever bundles React replaces it; the way out below is for development. */
declare const process: { env: { NODE_ENV?: string } };

interface Provided {
  auth: Munjigi;
  locale: Locale;
}

const Context = createContext<Provided | null>(null);

/** One client per gateway and page, outside React: StrictMode mounts twice, hot reload more often. */
const clients = new Map<string, Munjigi>();

function clientFor(options: MunjigiOptions): Munjigi {
  // A server renders for many people: nothing is shared there.
  if (typeof document === 'undefined') return createMunjigi(options);
  const key = [options.baseUrl, options.mode, options.redirectUri].join(' ');
  let client = clients.get(key);
  if (!client) clients.set(key, (client = createMunjigi(options)));
  return client;
}

export type MunjigiProviderProps = { children?: ReactNode } & (MunjigiOptions | { client: Munjigi; locale?: Locale });

/** Options are read once; another `baseUrl` needs another `key`. */
export function MunjigiProvider({ children, ...given }: MunjigiProviderProps) {
  const [provided] = useState<Provided>(() => ({
    auth: 'client' in given ? given.client : clientFor(given),
    locale: given.locale ?? 'ko',
  }));
  // Starts the client even if nothing below looks at the state.
  useEffect(() => provided.auth.subscribe(() => {}), [provided]);
  return <Context.Provider value={provided}>{children}</Context.Provider>;
}

export function useProvided(): Provided {
  const provided = useContext(Context);
  if (provided) return provided;
  let message = 'No <MunjigiProvider>';
  if (process.env.NODE_ENV !== 'production') {
    message += ' above this component. Wrap the app: <MunjigiProvider baseUrl="http://localhost:8000">…</MunjigiProvider>';
  }
  throw new MunjigiError('NO_PROVIDER', message, { action: 'fix_config' });
}
