/** What the sync signs in with for one account: who made it, when it was used, and its end. For operators. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import type { AppPassword, Side } from '../../api/operator-contract.ts';
import { appPasswordsQuestion, auditQuestion } from '../../api/operator-questions.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { SafeText } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useLanguage } from '../../words/language.tsx';
import { useOperatorWords } from '../../words/operator.ts';
import { Who } from './who.tsx';

const sides = ['old', 'new'] as const;

export function AppPasswords({ account }: { readonly account: string }) {
  const { appPasswords: words } = useOperatorWords();
  const question = appPasswordsQuestion(account);
  const { data, error, refetch } = useQuery(question);
  const client = useQueryClient();
  const onSettled = () =>
    Promise.all(
      [question.queryKey, auditQuestion.queryKey].map((queryKey) => client.invalidateQueries({ queryKey })),
    );
  const renew = useMutation({
    mutationFn: (side: Side) =>
      ask('POST', `/accounts/${encodeURIComponent(account)}/app-passwords`, { side }),
    onSettled,
  });
  const revoke = useMutation({
    mutationFn: (id: string) =>
      ask('DELETE', `/accounts/${encodeURIComponent(account)}/app-passwords/${encodeURIComponent(id)}`),
    onSettled,
  });
  const inForce = data?.appPasswords.filter(({ state }) => state === 'in-force') ?? [];
  const earlier = data?.appPasswords.filter(({ state }) => state !== 'in-force') ?? [];
  const shown = sides.filter(
    (side) => data?.offered.includes(side) === true || inForce.some((one) => one.side === side),
  );
  return (
    <section className="card stack" aria-labelledby="app-passwords-title">
      <h2 id="app-passwords-title">{words.title}</h2>
      {data !== undefined && <p className="measure soft">{shown.length === 0 ? words.off : words.lead}</p>}
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {renew.error !== null && <ErrorNotice error={renew.error} />}
      {revoke.error !== null && <ErrorNotice error={revoke.error} />}
      {data === undefined && error === null && <Skeleton heights={[120]} />}
      {shown.map((side) => (
        <OfSide
          key={side}
          side={side}
          passwords={inForce.filter((one) => one.side === side)}
          offered={data?.offered.includes(side) === true}
          busy={renew.isPending || revoke.isPending}
          onRenew={() => renew.mutate(side)}
          onRevoke={(id) => revoke.mutate(id)}
        />
      ))}
      {earlier.length > 0 && <Earlier passwords={earlier} />}
    </section>
  );
}

interface OfSideProps {
  readonly side: Side;
  /** In force. */
  readonly passwords: readonly AppPassword[];
  readonly offered: boolean;
  readonly busy: boolean;
  readonly onRenew: () => void;
  readonly onRevoke: (id: string) => void;
}

function OfSide({ side, passwords, offered, busy, onRenew, onRevoke }: OfSideProps) {
  const { appPasswords: words, servers, settings } = useOperatorWords();
  const none = passwords.length === 0;
  const another = offered && (
    <AskFirst
      label={none ? words.make : words.renew}
      about={servers.side[side]}
      question={none ? words.makeAsk : words.renewAsk}
      keep={settings.keep}
      busy={busy}
      onYes={onRenew}
    />
  );
  return (
    <div className="stack tight">
      <h3>{servers.side[side]}</h3>
      {none && (
        <>
          <p>{words.none}</p>
          <div className="row">{another}</div>
        </>
      )}
      {!none && (
        <ul className="subjects">
          {passwords.map((one, index) => (
            <li key={one.id} className="stack">
              <Facts one={one} />
              <div className="row">
                {index === 0 && another}
                <AskFirst
                  label={words.revoke}
                  about={one.id}
                  question={words.revokeAsk}
                  keep={settings.keep}
                  busy={busy}
                  onYes={() => onRevoke(one.id)}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Facts({ one }: { readonly one: AppPassword }) {
  const { format } = useLanguage();
  const { appPasswords: words } = useOperatorWords();
  return (
    <dl className="lines small">
      <div>
        <dt>{words.made}</dt>
        <dd>
          {format.moment(one.createdAt)}
          <By actor={one.createdBy} />
        </dd>
      </div>
      <div>
        <dt>{words.used}</dt>
        <dd>
          {one.lastUsedAt === null ? words.notUsed : format.moment(one.lastUsedAt)}
          <By actor={one.lastUsedBy} />
        </dd>
      </div>
      <div>
        <dt>{words.until}</dt>
        <dd>{format.moment(one.expiresAt)}</dd>
      </div>
      <div>
        <dt>{words.from}</dt>
        <dd>
          <ul>
            {one.nets.map((net) => (
              <li key={net}>
                <SafeText>{net}</SafeText>
              </li>
            ))}
          </ul>
        </dd>
      </div>
      <div>
        <dt>{words.id}</dt>
        <dd>
          <code>{one.id}</code>
        </dd>
      </div>
    </dl>
  );
}

function By({ actor }: { readonly actor: string | null }) {
  return actor === null ? null : (
    <>
      , <Who actor={actor} />
    </>
  );
}

function Earlier({ passwords }: { readonly passwords: readonly AppPassword[] }) {
  const { format } = useLanguage();
  const { appPasswords: words, servers } = useOperatorWords();
  return (
    <details className="earlier">
      <summary>{words.earlier(passwords.length)}</summary>
      <ul className="stack tight small">
        {passwords.map(({ id, side, revokedAt, revokedBy, expiresAt }) => (
          <li key={id}>
            <code>{id}</code>, {servers.side[side]}:{' '}
            {revokedAt === null
              ? words.ranOut(format.moment(expiresAt))
              : words.revoked(format.moment(revokedAt))}
            <By actor={revokedAt === null ? null : revokedBy} />
          </li>
        ))}
      </ul>
    </details>
  );
}
