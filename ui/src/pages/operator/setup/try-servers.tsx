/** Both servers side by side: what is configured, and a try that keeps nothing of what is typed. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { Server, ServerTest, Side } from '../../../api/operator-contract.ts';
import { serversQuestion } from '../../../api/settings-questions.ts';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { ServerResult } from './server-result.tsx';

const sides = ['old', 'new'] as const;

export function TryServers() {
  const { data, error, refetch } = useQuery(serversQuestion);
  return (
    <>
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton heights={[420]} />}
      {data !== undefined && (
        <div className="columns">
          {sides.map((side) => (
            <Try key={side} side={side} server={data.servers.find((one) => one.side === side) ?? null} />
          ))}
        </div>
      )}
    </>
  );
}

type Security = Server['tls'];
const usualPort: Readonly<Record<Security, number>> = { implicit: 993, starttls: 143, none: 143 };

function Try({ side, server }: { readonly side: Side; readonly server: Server | null }) {
  const { setup, servers: names } = useOperatorWords();
  const words = setup.servers;
  const id = useId();
  const configured = server?.tls ?? 'implicit';
  // Without encryption only where the configuration has it so.
  const kinds: readonly Security[] = [
    'implicit',
    'starttls',
    ...(configured === 'none' ? (['none'] as const) : []),
  ];
  const [host, setHost] = useState(server?.host ?? '');
  const [security, setSecurity] = useState<Security>(configured);
  const [port, setPort] = useState(String(server?.port ?? usualPort.implicit));
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useMutation({
    mutationFn: () =>
      ask<ServerTest>('POST', '/servers/test', {
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
  const text = {
    className: 'input',
    autoComplete: 'off',
    spellCheck: false,
    autoCapitalize: 'none',
  } as const;
  return (
    <form className="card stack" onSubmit={submit}>
      <h3>{names.side[side]}</h3>
      {server !== null && <Configured server={server} />}
      <div className="field">
        <label htmlFor={`${id}-host`}>{words.host}</label>
        <input
          {...text}
          id={`${id}-host`}
          required
          maxLength={253}
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
            const next = kinds.find((one) => one === event.target.value) ?? 'implicit';
            setSecurity(next);
            setPort(String(next === configured && server !== null ? server.port : usualPort[next]));
          }}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {words[one]}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}-port`}>{words.port}</label>
        <input
          id={`${id}-port`}
          className="input short"
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
          {...text}
          id={`${id}-user`}
          maxLength={320}
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
      {attempt.data !== undefined && <ServerResult side={side} tried={attempt.data} />}
    </form>
  );
}

function Configured({ server: { host, port, limits, seenAt } }: { readonly server: Server }) {
  const { format } = useLanguage();
  const words = useOperatorWords().setup.servers;
  const { connections, connections_per_account: each } = limits;
  return (
    <p className="small soft">
      {words.configured(host, port)} {seenAt !== null && words.seen(format.moment(seenAt))}{' '}
      {typeof connections === 'number' &&
        typeof each === 'number' &&
        words.limits(format.count(connections), format.count(each))}{' '}
      <Link to="/harbour/servers">{words.budgets}</Link>
    </p>
  );
}
