/** A team's addresses: where each stands, and what to do with some or all. */
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';
import type { TeamAccount } from '../../api/contract.ts';
import { teamAccountsQuestion, teamSummaryQuestion } from '../../api/team-questions.ts';
import { useLive } from '../../api/use-live.ts';
import { Age } from '../../parts/age.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { harmless } from '../../parts/safe-text.tsx';
import { ErrorNotice, Skeleton } from '../../parts/trouble.tsx';
import { useTeamWords } from '../../words/team.ts';
import { AccountDrawer } from './account-drawer.tsx';
import { AccountTable } from './account-table.tsx';
import { arrange, keepOrder } from './arrange.ts';
import { BulkBar } from './bulk-bar.tsx';
import { Filters } from './filters.tsx';
import type { TeamSearch } from './search.ts';
import { TeamPicture } from './team-picture.tsx';
import { SummarySwitch } from './summary-switch.tsx';
import { TeamTabs } from './team-tabs.tsx';
import { useRights } from './use-rights.ts';
import { useSelection } from './use-selection.ts';

/** Five thousand rows are asked for as a whole; oftener would be work for nothing. */
const leastMs = 5_000;
const none: readonly TeamAccount[] = [];

export function TeamTable() {
  const words = useTeamWords();
  const { team } = useParams({ from: '/inside/teams/$team' });
  const search = useSearch({ from: '/inside/teams/$team' });
  const rights = useRights(team);
  const { data, error, refetch, dataUpdatedAt } = useQuery(teamAccountsQuestion(team));
  const summary = useQuery(teamSummaryQuestion(team));
  const connected = useLive(`?team=${encodeURIComponent(team)}`, [['team', team]], leastMs);
  const accounts = data?.accounts;
  const { rows, hold } = useSteadyRows(accounts ?? none, search);
  const { selected, select, change } = useSelection(search, accounts ?? none, rows);
  const name = summary.data?.name;
  return (
    <Page wide title={name === undefined ? words.title : harmless(name)} aside={<TeamTabs team={team} />}>
      {data !== undefined && <Age since={dataUpdatedAt} lost={error !== null || !connected} />}
      {error !== null && data === undefined && <ErrorNotice error={error} retry={() => void refetch()} />}
      {accounts === undefined && error === null && <Skeleton heights={[200, 56, 480]} />}
      {accounts !== undefined && accounts.length === 0 && <p className="empty">{words.empty}</p>}
      {accounts !== undefined && accounts.length > 0 && (
        <>
          <TeamPicture accounts={accounts} />
          {data !== undefined && data.total > accounts.length && (
            <Notice>
              <p>{words.leftOut(accounts.length, data.total)}</p>
            </Notice>
          )}
          <Filters accounts={accounts} shown={rows.length} search={search} team={team} onChange={change} />
          {rows.length === 0 ? (
            <p className="empty">{words.nothing}</p>
          ) : (
            <div onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
              <AccountTable
                rows={rows}
                search={search}
                selected={selected}
                onSelect={select}
                onChange={change}
              />
            </div>
          )}
          <SummarySwitch team={team} />
          <BulkBar team={team} accounts={accounts} selected={selected} onClear={() => select(new Set())} />
        </>
      )}
      <AccountDrawer
        id={search.account ?? null}
        address={accounts?.find(({ id }) => id === search.account)?.address ?? null}
        may={rights}
        onClose={() => change({ account: undefined })}
      />
    </Page>
  );
}

/** Rows as sought and sorted; while somebody points at them, live updates change what they say, not where they are. */
function useSteadyRows(accounts: readonly TeamAccount[], { q, state, sort, down }: TeamSearch) {
  const held = useRef(false);
  const last = useRef<{ key: string; rows: readonly TeamAccount[] }>({ key: '', rows: [] });
  const hold = useCallback((yes: boolean) => {
    held.current = yes;
  }, []);
  const rows = useMemo(() => {
    const key = JSON.stringify([q, state, sort, down]);
    const fresh = arrange(accounts, { q, state, sort, down });
    const steady = held.current && last.current.key === key ? keepOrder(last.current.rows, fresh) : fresh;
    last.current = { key, rows: steady };
    return steady;
  }, [accounts, q, state, sort, down]);
  return { rows, hold };
}
