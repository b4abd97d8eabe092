import type { ReactNode } from 'react';
import { MunjigiProvider } from 'munjigi/react';
import { lang } from '../page';
import { watchedFetch } from '../press';

export const Auth = ({ children }: { children: ReactNode }) => (
  <MunjigiProvider
    baseUrl="" // the gateway serves this page itself
    locale={lang}
    fetch={watchedFetch} // shows the answers; yours needs none
  >
    {children}
  </MunjigiProvider>
);
