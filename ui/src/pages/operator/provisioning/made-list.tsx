/** Accounts on the new server that were not made as they should be, to be tried again; or those without a password. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ask } from '../../../api/ask.ts';
import type { Provisioning, ProvisionEntry, ProvisionResult } from '../../../api/operator-contract.ts';
import { Notice } from '../../../parts/notice.tsx';
import { SafeText } from '../../../parts/safe-text.tsx';
import { ErrorNotice } from '../../../parts/trouble.tsx';
import { useLanguage } from '../../../words/language.tsx';
import { useOperatorWords } from '../../../words/operator.ts';
import { provisionLists, type ProvisioningSearch } from '../search.ts';

export interface MadeListProps {
  readonly list: (typeof provisionLists)[number];
  readonly pages: readonly Provisioning[];
  /** Null: there are no more. */
  readonly more: (() => void) | null;
  readonly busy: boolean;
}

/** As many as the API makes while it is waited for. */
const atOnce = 100;

export function MadeList({ list, pages, more, busy }: MadeListProps) {
  const { provisioning } = useOperatorWords();
  const { lists: words } = provisioning;
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: (accounts: readonly string[]) =>
      ask<ProvisionResult>('POST', '/provision', { accounts, dryRun: false }),
    onSettled: () => client.invalidateQueries({ queryKey: ['provisioning'] }),
  });
  const rows = pages.flatMap(({ accounts }) => accounts);
  const counts = pages[0]?.counts;
  const retry = (some: readonly ProvisionEntry[]): void => {
    if (!again.isPending) again.mutate(some.map(({ id }) => id));
  };
  const failing = again.data?.accounts.filter(({ outcome }) => outcome === 'refused' || outcome === 'later');
  return (
    <>
      <nav aria-label={words.label}>
        <ul className="row">
          {provisionLists.map((name) => (
            <li key={name}>
              <Link
                from="/harbour/provisioning"
                to="/harbour/provisioning"
                search={(now: ProvisioningSearch) => ({ ...now, list: name })}
                resetScroll={false}
                className="chip"
                aria-current={name === list}
              >
                {words[name](counts?.[name === 'trouble' ? 'trouble' : 'withoutPassword'] ?? 0)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {again.error !== null && <ErrorNotice error={again.error} />}
      {again.data !== undefined && failing !== undefined && (
        <Notice alert kind={failing.length === 0 ? 'news' : 'trouble'}>
          <p>{words.done(again.data.accounts.length - failing.length, failing.length)}</p>
        </Notice>
      )}
      {rows.length === 0 && <p className="empty">{list === 'trouble' ? words.noTrouble : words.noneBare}</p>}
      {rows.length > 0 && (
        <table className="plain-table fold told">
          <thead>
            <tr>
              <th scope="col">{words.account}</th>
              <th scope="col">{list === 'trouble' ? words.answer : words.mail}</th>
              <th scope="col">{words.state}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} list={list} onAgain={() => retry([row])} />
            ))}
          </tbody>
        </table>
      )}
      <div className="row">
        {list === 'trouble' && rows.length > 1 && (
          <button
            type="button"
            className="button"
            aria-disabled={again.isPending}
            onClick={() => retry(rows.slice(0, atOnce))}
          >
            {words.againAll(Math.min(rows.length, atOnce))}
          </button>
        )}
        {more !== null && (
          <button type="button" className="button slim" disabled={busy} onClick={more}>
            {provisioning.more}
          </button>
        )}
      </div>
    </>
  );
}

interface RowProps {
  readonly row: ProvisionEntry;
  readonly list: MadeListProps['list'];
  readonly onAgain: () => void;
}

function Row({ row, list, onAgain }: RowProps) {
  const { lists: words } = useOperatorWords().provisioning;
  const { id, address } = row;
  return (
    <tr>
      <td>
        <Link to="/harbour/accounts" search={{ search: address, account: id }}>
          <SafeText>{address}</SafeText>
        </Link>
      </td>
      <td>{list === 'trouble' ? <Answer row={row} /> : <Mailed row={row} />}</td>
      <td>
        <span className="row">
          {list === 'trouble' && <Next row={row} />}
          <button type="button" className="button slim" onClick={onAgain}>
            {words.again}
            <span className="hidden-text"> {address}</span>
          </button>
        </span>
      </td>
    </tr>
  );
}

function Answer({ row: { reason, failures } }: { readonly row: ProvisionEntry }) {
  const { lists: words } = useOperatorWords().provisioning;
  return (
    <>
      <SafeText>{reason ?? '–'}</SafeText>
      <span className="small soft"> {words.tries(failures)}</span>
    </>
  );
}

function Next({ row: { state, nextAt } }: { readonly row: ProvisionEntry }) {
  const { format } = useLanguage();
  const { lists: words } = useOperatorWords().provisioning;
  if (state === 'made') return <span className="small soft">{words.isThere}</span>;
  if (state === 'waiting' && nextAt !== null)
    return <span className="small soft">{words.next(format.moment(nextAt))}</span>;
  return <span className="mark needs-you small">{words.act}</span>;
}

function Mailed({ row: { password, mails, lastMailAt } }: { readonly row: ProvisionEntry }) {
  const { format } = useLanguage();
  const { lists: words } = useOperatorWords().provisioning;
  if (password === 'locked') return <>{words.locked}</>;
  return <>{lastMailAt === null ? words.notMailed : words.mailed(mails, format.moment(lastMailAt))}</>;
}
