/** The questions of a team's pages. */
import { queryOptions } from '@tanstack/react-query';
import { ask, query } from './ask.ts';
import type { SummaryMail, TeamAccount, TeamPerson, TeamSummary, Wave } from './contract.ts';

/** As many as the API gives at once: less than a megabyte and a half. */
const rowsAtOnce = 5_000;
/** What one change may name, and what a phone still sorts without a wait; the page says how many it leaves out. */
const mostRows = 10_000;

export interface TeamAccounts {
  readonly accounts: readonly TeamAccount[];
  /** Of the team, also those that are left out. */
  readonly total: number;
}

/** Page after page: the table has all rows, and filters and sorts without a question. */
export const teamAccountsQuestion = (team: string) =>
  queryOptions({
    queryKey: ['team', team, 'accounts'],
    queryFn: async ({ signal }): Promise<TeamAccounts> => {
      // By id: one that is entered or removed meanwhile moves the pages, and would stand there twice.
      const found = new Map<string, TeamAccount>();
      let cursor: string | undefined;
      let total = 0;
      do {
        const page = await ask<{ accounts: TeamAccount[]; total: number; next: string | null }>(
          'GET',
          `/teams/${encodeURIComponent(team)}/accounts${query({ limit: rowsAtOnce, cursor })}`,
          undefined,
          signal,
        );
        for (const account of page.accounts) found.set(account.id, account);
        total = page.total;
        cursor = page.next ?? undefined;
      } while (cursor !== undefined && found.size < mostRows);
      return { accounts: [...found.values()], total: Math.max(total, found.size) };
    },
    refetchInterval: 20_000,
  });

export const teamSummaryQuestion = (team: string) =>
  queryOptions({
    queryKey: ['team', team, 'summary'],
    queryFn: ({ signal }) =>
      ask<TeamSummary>('GET', `/teams/${encodeURIComponent(team)}/summary`, undefined, signal),
    refetchInterval: 20_000,
  });

export const teamPeopleQuestion = (team: string) =>
  queryOptions({
    queryKey: ['team', team, 'people'],
    queryFn: ({ signal }) =>
      ask<{ people: TeamPerson[] }>('GET', `/teams/${encodeURIComponent(team)}/people`, undefined, signal),
  });

export const summaryMailQuestion = (team: string) =>
  queryOptions({
    queryKey: ['team-summary-mail', team],
    queryFn: ({ signal }) =>
      ask<SummaryMail>('GET', `/teams/${encodeURIComponent(team)}/summary-mail`, undefined, signal),
    staleTime: 60_000,
  });

export const wavesQuestion = queryOptions({
  queryKey: ['waves'],
  queryFn: ({ signal }) => ask<{ waves: Wave[] }>('GET', '/waves', undefined, signal),
  refetchInterval: 20_000,
});
