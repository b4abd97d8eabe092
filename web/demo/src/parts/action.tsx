import type { ReactNode } from 'react';
import { Answer } from './answer';
import { Code, type CodeProps } from './code';

interface ActionProps {
  name: string;
  about?: string;
  codes?: readonly CodeProps[];
  children: ReactNode;
}

/** A button, the code that does it beside it, and below what came back. */
export function Action({ name, about, codes = [], children }: ActionProps) {
  return (
    <div className="action">
      <div className="action-press">
        {children}
        {about && <p className="small quiet">{about}</p>}
      </div>
      {codes.length > 0 && (
        <div className="action-code small">
          {codes.map((code) => (
            <Code key={code.title} {...code} />
          ))}
        </div>
      )}
      <Answer of={[name]} />
    </div>
  );
}
