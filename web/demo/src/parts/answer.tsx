import { MunjigiError } from 'munjigi';
import { errorText } from 'munjigi/texts';
import { lang } from '../page';
import { useLastPress, type Exchange, type Press } from '../press';
import { t } from '../texts';

/** What came back to the button that was pressed last, if it is `of`. */
export function Answer({ of }: { of?: keyof typeof t.press }) {
  const last = useLastPress();
  return (
    <div className="answer" role="status" aria-label={t.lastAnswer}>
      {last && !last.isBusy && (!of || last.name === of || last.name.startsWith(`${of} `)) && <Exchanges {...last} />}
    </div>
  );
}

function Exchanges({ exchanges, error }: Press) {
  const final = exchanges.at(-1);
  const trouble = error ? sentenceOf(error) : final && sentenceIn(final);
  return (
    <>
      {exchanges.map(({ request, status }, i) => (
        <p key={i}>
          <code>
            {request} → {status || t.noAnswer}
          </code>
        </p>
      ))}
      {trouble && <p className="notice">{trouble}</p>}
      {final?.body != null && (
        <pre className="code" tabIndex={0} aria-label={t.lastAnswer}>
          <code>{typeof final.body === 'string' ? final.body : JSON.stringify(final.body, shorten, 2)}</code>
        </pre>
      )}
    </>
  );
}

/** What `fetch` itself throws says nothing to a visitor. */
const sentenceOf = (error: unknown) =>
  error instanceof MunjigiError ? [errorText(error, lang), error.hint].filter(Boolean).join(' ') : t.network;

/** What the gateway says to the visitor when it refuses. */
function sentenceIn({ status, body }: Exchange): string | undefined {
  const problem = body as { message?: string; hint?: string } | null;
  return status >= 400 ? [problem?.message, problem?.hint].filter(Boolean).join(' ') : undefined;
}

/** Tokens are long and secret: their beginning and their length are enough for the eye. */
const shorten = (key: string, value: unknown) =>
  /token$/.test(key) && typeof value === 'string' && value.length > 60 ? value.slice(0, 16) + t.characters(value.length) : value;
