import { useEffect, useState } from 'react';
import { t } from '../texts';

const isWide = matchMedia('(min-width: 760px)').matches;

interface CodeProps {
  title: string;
  text: string;
  /** Where there is room for it. */
  isOpen?: boolean | undefined;
}

export function Code({ title, text, isOpen = false }: CodeProps) {
  return (
    <details className="code-part" open={isOpen && isWide}>
      <summary>{title}</summary>
      <Copy text={text.trim()} />
      <pre className="code" tabIndex={0} aria-label={title}>
        <code>{text.trim()}</code>
      </pre>
    </details>
  );
}

/** Beside what it is the code of. */
export const Codes = ({ react, curl, isOpen }: { react: string; curl: string; isOpen?: boolean | undefined }) => (
  <div className="codes small">
    <Code title="React" text={react} isOpen={isOpen} />
    <Code title="curl" text={curl} />
  </div>
);

function Copy({ text }: { text: string }) {
  const [said, say] = useState('');
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => say(''), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => say(t.copied),
      () => say(t.notCopied),
    );
  return (
    <div className="copy">
      <span className="quiet" role="status">
        {said}
      </span>
      <button className="button" type="button" onClick={copy}>
        {t.copy}
      </button>
    </div>
  );
}
