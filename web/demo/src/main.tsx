// The live part of the page `munjigi demo` serves. It uses the package as any app would.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Auth } from './actions/provider';
import { App } from './app';
import { live } from './page';

createRoot(live).render(
  <StrictMode>
    <Auth>
      <App />
    </Auth>
  </StrictMode>,
);
