/** One server as a mail program wants to know it; each value can be copied by itself. */
import { useEffect, useState } from 'react';
import type { ProgramServer } from '../../api/contract.ts';
import { SafeText } from '../../parts/safe-text.tsx';
import { useWords } from '../../words/language.tsx';

export interface ServerSettingsProps {
  readonly title: string;
  readonly text?: string;
  readonly server: ProgramServer;
}

/** How long a button says that it did. */
const saidMs = 4_000;

export function ServerSettings({ title, text, server }: ServerSettingsProps) {
  const { programs } = useWords().mailbox;
  const values = [
    [programs.host, server.host],
    [programs.port, String(server.port)],
    [programs.user, server.user],
  ] as const;
  return (
    <section className="card stack">
      <h2>{title}</h2>
      {text !== undefined && <p className="small soft">{text}</p>}
      <dl className="settings">
        {values.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="row between">
              <SafeText>{value}</SafeText>
              <Copy value={value} what={`${title}, ${name}`} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{programs.security}</dt>
          <dd>{programs.securityNames[server.security]}</dd>
        </div>
        <div>
          <dt>{programs.password}</dt>
          <dd className="soft">{programs.passwordText}</dd>
        </div>
      </dl>
    </section>
  );
}

type Said = 'nothing' | 'copied' | 'failed';

function Copy({ value, what }: { readonly value: string; readonly what: string }) {
  const { programs } = useWords().mailbox;
  const [said, setSaid] = useState<Said>('nothing');
  useEffect(() => {
    if (said === 'nothing') return undefined;
    const timer = setTimeout(() => setSaid('nothing'), saidMs);
    return () => clearTimeout(timer);
  }, [said]);
  const words = { nothing: programs.copy, copied: programs.copied, failed: programs.copyFailed };
  return (
    <>
      <button
        type="button"
        className="button slim"
        aria-label={`${words[said]}: ${what}`}
        onClick={() => {
          // Browsers give no clipboard to pages without TLS.
          const done = navigator.clipboard?.writeText(value) ?? Promise.reject(new Error('no clipboard'));
          done.then(
            () => setSaid('copied'),
            () => setSaid('failed'),
          );
        }}
      >
        {words[said]}
      </button>
      <span className="hidden-text" role="status">
        {said === 'nothing' ? '' : words[said]}
      </span>
    </>
  );
}
