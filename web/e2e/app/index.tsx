import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { MunjigiProvider } from 'munjigi/react';
import { Shop } from './shop.js';

const root = document.getElementById('app')!;
const { gateway, api } = root.dataset as { gateway: string; api: string };
const query = new URLSearchParams(location.search);
// The app owns the redirect URI below /b and at the redirect URI itself.
const isFlowB = /^\/(b|callback)$/.test(location.pathname);

createRoot(root).render(
  <StrictMode>
    <MunjigiProvider
      baseUrl={query.get('gateway') ?? gateway}
      apiOrigins={[api]}
      locale={query.get('lang') === 'en' ? 'en' : 'ko'}
      {...(isFlowB && { redirectUri: `${location.origin}/callback` })}
    >
      <Shop api={api} />
    </MunjigiProvider>
  </StrictMode>,
);
