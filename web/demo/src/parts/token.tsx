import { useCurrentToken } from '../actions/access-token';
import source from '../actions/access-token.ts?raw';
import { claimsOf } from '../claims';
import { commands } from '../curl';
import { t, when } from '../texts';
import { Codes } from './code';

const TIMES = ['iat', 'exp', 'nbf', 'auth_time'];

export function Token() {
  const token = useCurrentToken();
  return (
    <section className="stack" aria-labelledby="token-title">
      <h2 id="token-title">{t.token.title}</h2>
      <table className="small">
        <caption>{t.token.caption}</caption>
        <tbody>
          {Object.entries(claimsOf(token)).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code> <span className="quiet">{t.token.claims[name]}</span>
              </th>
              <td>
                <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
                {TIMES.includes(name) && <div className="quiet">{when(Number(value) * 1000)}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <details className="small">
        <summary>{t.token.raw}</summary>
        <pre className="code copyable" tabIndex={0} aria-labelledby="token-title">
          <code>{token}</code>
        </pre>
      </details>
      <Codes react={source} curl={commands.keys} />
    </section>
  );
}
