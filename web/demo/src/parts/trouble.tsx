import { useLayoutEffect, useRef } from 'react';
import type { MunjigiError } from 'munjigi';
import { errorText } from 'munjigi/texts';
import { focusOn, lang } from '../page';
import { t } from '../texts';

/** An error in words, with what to quote when asking about it. */
export function Trouble({ error, retry }: { error: MunjigiError; retry?: () => void }) {
  const codes = [`${t.code} ${error.code}`, error.requestId && `${t.requestId} ${error.requestId}`];
  const self = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = self;
    // Its button was pressed, and takes the focus along.
    return () => void (current?.contains(document.activeElement) && focusOn('title'));
  }, []);
  return (
    <div className="notice stack" role="alert" ref={self}>
      <div>
        <p>{[errorText(error, lang), error.hint].filter(Boolean).join(' ')}</p>
        <p className="small quiet">{codes.filter(Boolean).join(' · ')}</p>
      </div>
      {retry && (
        <p>
          <button className="button" type="button" onClick={retry}>
            {t.reconnect}
          </button>
        </p>
      )}
    </div>
  );
}
