/** The first visit: try both servers, then what comes next. Nothing is kept of what is typed here. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../api/ask.ts';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { OperatorTabs } from './operator-tabs.tsx';

export function Setup() {
  const { setup: words } = useOperatorWords();
  return (
    <Page wide title={words.title} lead={words.lead} aside={<OperatorTabs />}>
      <div className="columns">
        <Try side="old" />
        <Try side="new" />
      </div>
      <section className="card stack">
        <h2>{words.next}</h2>
        <ol className="steps">
          {words.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </section>
    </Page>
  );
}

type Security = 'implicit' | 'starttls';
const usualPort: Readonly<Record<Security, number>> = { implicit: 993, starttls: 143 };

interface Tried {
  readonly reached: boolean;
  readonly loggedIn: boolean;
  readonly reason: string | null;
  readonly action: string | null;
  readonly product: string | null;
  readonly capabilities: readonly string[];
  readonly appendLimitBytes: number | null;
}

function Try({ side }: { readonly side: 'old' | 'new' }) {
  const { setup: words, servers } = useOperatorWords();
  const id = useId();
  const [host, setHost] = useState('');
  const [security, setSecurity] = useState<Security>('implicit');
  const [port, setPort] = useState(String(usualPort.implicit));
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useMutation({
    mutationFn: () =>
      ask<Tried>('POST', '/servers/test', {
        side,
        host: host.trim(),
        port: Number(port),
        tls: security,
        login: user.trim() === '' ? null : { user: user.trim(), password },
      }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (host.trim() !== '' && (user.trim() === '' || password !== '') && !attempt.isPending) attempt.mutate();
  };
  return (
    <form className="card stack" onSubmit={submit}>
      <h2>{servers.side[side]}</h2>
      <div className="field">
        <label htmlFor={`${id}-host`}>{words.host}</label>
        <input
          id={`${id}-host`}
          className="input"
          required
          maxLength={253}
          spellCheck={false}
          autoCapitalize="none"
          value={host}
          onChange={(event) => setHost(event.target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-tls`}>{words.tls}</label>
        <select
          id={`${id}-tls`}
          className="input"
          value={security}
          onChange={(event) => {
            const next = event.target.value === 'starttls' ? 'starttls' : 'implicit';
            setSecurity(next);
            setPort(String(usualPort[next]));
          }}
        >
          <option value="implicit">{words.implicit}</option>
          <option value="starttls">{words.starttls}</option>
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}-port`}>{words.port}</label>
        <input
          id={`${id}-port`}
          className="input"
          type="number"
          min={1}
          max={65_535}
          required
          value={port}
          onChange={(event) => setPort(event.target.value)}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-user`}>{words.user}</label>
        <input
          id={`${id}-user`}
          className="input"
          maxLength={320}
          autoComplete="off"
          spellCheck={false}
          autoCapitalize="none"
          value={user}
          onChange={(event) => setUser(event.target.value)}
        />
      </div>
      {user.trim() !== '' && (
        <div className="field">
          <label htmlFor={`${id}-password`}>{words.password}</label>
          <input
            id={`${id}-password`}
            className="input"
            type="password"
            autoComplete="off"
            maxLength={1_000}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
      )}
      <div>
        <button type="submit" className="button" aria-disabled={attempt.isPending}>
          {attempt.isPending ? words.testing : words.test}
        </button>
      </div>
      {attempt.error !== null && <ErrorNotice error={attempt.error} />}
      {attempt.data !== undefined && <Result tried={attempt.data} />}
    </form>
  );
}

/** How far one got, and what the server says of itself. */
function Result({ tried }: { readonly tried: Tried }) {
  const { format } = useLanguage();
  const { setup: words } = useOperatorWords();
  const { reached, loggedIn, reason, action, product, capabilities, appendLimitBytes } = tried;
  return (
    <>
      {reason !== null && (
        <Notice kind="trouble" alert>
          <p>
            <SafeText>{reason}</SafeText>
          </p>
          <p>
            <SafeText>{action ?? ''}</SafeText>
          </p>
        </Notice>
      )}
      {reached && (
        <Notice title={loggedIn ? words.loggedIn : words.ok} alert>
          {product !== null && (
            <p>
              <SafeText>{product}</SafeText>
            </p>
          )}
          {appendLimitBytes !== null && <p>{words.limit(format.bytes(appendLimitBytes))}</p>}
          {capabilities.length > 0 && (
            <p className="small">
              {words.can}: <SafeText>{capabilities.join(' ')}</SafeText>
            </p>
          )}
        </Notice>
      )}
    </>
  );
}
