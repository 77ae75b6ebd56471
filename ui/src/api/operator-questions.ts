/** The questions of the operator's pages. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from './ask.ts';
import type {
  AccountEntry,
  TeamEntry,
  AuditEntry,
  TeamAcross,
  Budget,
  Dashboard,
  OfBoth,
  RefusedEntry,
  ServerLoad,
  SyncStatus,
} from './contract.ts';
import type { AppPasswords } from './operator-contract.ts';

export const statusQuestion = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => ask<SyncStatus>('GET', '/sync/status', undefined, signal),
  refetchInterval: 15_000,
});

export const dashboardQuestion = (from: string) =>
  queryOptions({
    queryKey: ['dashboard', from],
    queryFn: ({ signal }) => ask<Dashboard>('GET', `/dashboard${query({ from })}`, undefined, signal),
    refetchInterval: 60_000,
  });

export const fleetQuestion = queryOptions({
  queryKey: ['fleet'],
  queryFn: ({ signal }) =>
    ask<{ teams: readonly TeamAcross[] }>('GET', '/dashboard/fleet', undefined, signal),
  refetchInterval: 15_000,
});

export const loadQuestion = queryOptions({
  queryKey: ['load'],
  queryFn: ({ signal }) => ask<OfBoth<ServerLoad>>('GET', '/servers/load', undefined, signal),
  // As often as workers tell it.
  refetchInterval: 5_000,
});

export const budgetQuestion = (side: 'old' | 'new') =>
  queryOptions({
    queryKey: ['budget', side],
    queryFn: ({ signal }) => ask<Budget>('GET', `/servers/${side}/budget`, undefined, signal),
  });

/** Page after page, newest first. */
export const auditQuestion = infiniteQueryOptions({
  queryKey: ['audit'],
  queryFn: ({ pageParam, signal }) =>
    ask<{ audit: AuditEntry[]; next: string | null }>(
      'GET',
      `/audit${query({ cursor: pageParam, limit: 50 })}`,
      undefined,
      signal,
    ),
  initialPageParam: '',
  getNextPageParam: ({ next }) => next ?? undefined,
});

export interface AccountFilter {
  readonly search?: string | undefined;
  readonly phase?: string | undefined;
  readonly trouble?: string | undefined;
  /** A kind of trouble: several codes. */
  readonly kind?: string | undefined;
  readonly domain?: string | undefined;
  /** Its name. */
  readonly team?: string | undefined;
}

export const accountsQuestion = ({ search, phase, trouble, kind, domain, team }: AccountFilter) =>
  infiniteQueryOptions({
    queryKey: ['accounts', search ?? '', phase ?? '', trouble ?? '', kind ?? '', domain ?? '', team ?? ''],
    queryFn: ({ pageParam, signal }) =>
      ask<{ accounts: AccountEntry[]; next: string | null }>(
        'GET',
        `/accounts${query({ search, phase, trouble, troubleClass: kind, domain, team, cursor: pageParam, limit: 100 })}`,
        undefined,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });

/** No event tells of a use. */
export const appPasswordsQuestion = (account: string) =>
  queryOptions({
    queryKey: ['app-passwords', account],
    queryFn: ({ signal }) =>
      ask<AppPasswords>('GET', `/accounts/${encodeURIComponent(account)}/app-passwords`, undefined, signal),
    refetchInterval: 20_000,
  });

/** Page after page. */
export const refusedListQuestion = infiniteQueryOptions({
  queryKey: ['refused-list'],
  queryFn: ({ pageParam, signal }) =>
    ask<{ refused: RefusedEntry[]; next: string | null }>(
      'GET',
      `/refused${query({ cursor: pageParam, limit: 100 })}`,
      undefined,
      signal,
    ),
  initialPageParam: '',
  getNextPageParam: ({ next }) => next ?? undefined,
  refetchInterval: 20_000,
});

export const teamsQuestion = queryOptions({
  queryKey: ['teams'],
  queryFn: ({ signal }) =>
    ask<{ teams: TeamEntry[] }>('GET', `/teams${query({ limit: 1_000 })}`, undefined, signal),
});

export const totpQuestion = queryOptions({
  queryKey: ['totp'],
  queryFn: ({ signal }) => ask<{ enrolled: boolean }>('GET', '/operator/totp', undefined, signal),
});
