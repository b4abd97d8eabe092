import type { ReactNode } from 'react';
import { t } from '../texts';
import { Answer } from './answer';

interface ActionProps {
  name: keyof typeof t.about;
  code?: ReactNode;
  children: ReactNode;
}

/** A button, the code that does it beside it, and below what came back. */
export const Action = ({ name, code, children }: ActionProps) => (
  <div className="action" role="group" aria-label={t.press[name]}>
    <div className="action-press">
      {children}
      <p className="small quiet">{t.about[name]}</p>
    </div>
    {code}
    <Answer of={name} />
  </div>
);
