/** Tokens of the API: list, make one that is shown once, revoke. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../../api/ask.ts';
import type { ApiToken } from '../../../api/operator-contract.ts';
import { tokensQuestion } from '../../../api/settings-questions.ts';
import { AskFirst } from '../../../parts/ask-first.tsx';
import { CopyText } from '../../../parts/copy-text.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { NewToken } from './new-token.tsx';
import { ShownOnce } from './shown-once.tsx';

export interface MadeToken {
  readonly name: string;
  readonly token: string;
}

export function Tokens() {
  const { tokens: words, once, more } = useOperatorWords().settings;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery(tokensQuestion);
  const client = useQueryClient();
  const [made, setMade] = useState<MadeToken | null>(null);
  const [all, setAll] = useState(false);
  const revoke = useMutation({
    mutationFn: (id: string) => ask('DELETE', `/tokens/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: tokensQuestion.queryKey }),
  });
  const tokens = data?.pages.flatMap((page) => page.tokens) ?? [];
  const shown = all ? tokens : tokens.filter(({ revokedAt }) => revokedAt === null);
  return (
    <>
      {made !== null && (
        <ShownOnce title={words.made(made.name)} onDone={() => setMade(null)}>
          <CopyText label={words.made(made.name)} text={made.token} words={once} />
        </ShownOnce>
      )}
      {error !== null && <ErrorNotice error={error} retry={() => void refetch()} />}
      {revoke.error !== null && <ErrorNotice error={revoke.error} />}
      {data === undefined && error === null && <Skeleton heights={[88, 88]} />}
      {data !== undefined && shown.length === 0 && <p className="empty">{words.none}</p>}
      <ul className="stack tight">
        {shown.map((token) => (
          <Item
            key={token.id}
            token={token}
            busy={revoke.isPending}
            onRevoke={() => revoke.mutate(token.id)}
          />
        ))}
      </ul>
      <div className="row">
        {tokens.some(({ revokedAt }) => revokedAt !== null) && (
          <label className="check">
            <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
            <span>{words.showRevoked}</span>
          </label>
        )}
        {hasNextPage && (
          <button
            type="button"
            className="button slim"
            disabled={isFetching}
            onClick={() => void fetchNextPage()}
          >
            {more}
          </button>
        )}
      </div>
      {data !== undefined && <NewToken onMade={setMade} />}
    </>
  );
}

interface ItemProps {
  readonly token: ApiToken;
  readonly busy: boolean;
  readonly onRevoke: () => void;
}

function Item({ token, busy, onRevoke }: ItemProps) {
  const { format } = useLanguage();
  const { tokens: words, keep } = useOperatorWords().settings;
  const { name, scopes, lastUsedAt, expiresAt, revokedAt } = token;
  const ranOut = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
  const life =
    revokedAt !== null
      ? words.revoked(format.date(revokedAt))
      : expiresAt !== null && ranOut
        ? words.ranOut(format.date(expiresAt))
        : words.until(expiresAt === null ? null : format.date(expiresAt));
  return (
    <li className="card stack tight">
      <div className="row between">
        <strong>
          <SafeText>{name}</SafeText>
        </strong>
        {revokedAt === null && (
          <AskFirst
            label={words.revoke}
            about={name}
            question={words.revokeAsk(name)}
            keep={keep}
            busy={busy}
            onYes={onRevoke}
          />
        )}
      </div>
      <p>{scopes.map((scope) => words.scope[scope] ?? scope).join('; ')}</p>
      <p className="small soft">
        {life}, {words.used(lastUsedAt === null ? null : format.moment(lastUsedAt))}
      </p>
    </li>
  );
}
