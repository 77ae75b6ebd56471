/** The questions of a team's pages. */
import { queryOptions } from '@tanstack/react-query';
import { ask, query } from './ask.ts';
import type { SummaryMail, TeamAccount, TeamPerson, TeamSummary, Wave } from './contract.ts';

/** All at once: five thousand rows are less than a megabyte, and the table filters and sorts without a wait. */
export const teamAccountsQuestion = (team: string) =>
  queryOptions({
    queryKey: ['team', team, 'accounts'],
    queryFn: ({ signal }) =>
      ask<{ accounts: TeamAccount[]; total: number }>(
        'GET',
        `/teams/${encodeURIComponent(team)}/accounts${query({ limit: 5_000 })}`,
        undefined,
        signal,
      ),
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
});
