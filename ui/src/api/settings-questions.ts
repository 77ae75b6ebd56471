/** The questions of the operator's settings, domains and set-up. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from './ask.ts';
import type {
  ApiToken,
  Discovered,
  Domain,
  Edges,
  MasterUser,
  Operator,
  Provisioning,
  Server,
  Webhook,
  WebhookCall,
} from './operator-contract.ts';

export const operatorsQuestion = queryOptions({
  queryKey: ['operators'],
  queryFn: ({ signal }) => ask<{ operators: Operator[] }>('GET', '/operators', undefined, signal),
});

export const tokensQuestion = infiniteQueryOptions({
  queryKey: ['tokens'],
  queryFn: ({ pageParam, signal }) =>
    ask<{ tokens: ApiToken[]; next: string | null }>(
      'GET',
      `/tokens${query({ cursor: pageParam, limit: 100 })}`,
      undefined,
      signal,
    ),
  initialPageParam: '',
  getNextPageParam: ({ next }) => next ?? undefined,
});

export const webhooksQuestion = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => ask<{ webhooks: Webhook[] }>('GET', '/webhooks', undefined, signal),
});

/** Tries come by themselves, without an event that tells of them. */
export const callsQuestion = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['webhooks', id, 'calls'],
    queryFn: ({ pageParam, signal }) =>
      ask<{ calls: WebhookCall[]; next: string | null }>(
        'GET',
        `/webhooks/${encodeURIComponent(id)}/calls${query({ cursor: pageParam, limit: 20 })}`,
        undefined,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: 5_000,
  });

export const domainsQuestion = infiniteQueryOptions({
  queryKey: ['domains'],
  queryFn: ({ pageParam, signal }) =>
    ask<{ domains: Domain[]; next: string | null }>(
      'GET',
      `/domains${query({ cursor: pageParam, limit: 200 })}`,
      undefined,
      signal,
    ),
  initialPageParam: '',
  getNextPageParam: ({ next }) => next ?? undefined,
  refetchInterval: 20_000,
});

export const serversQuestion = queryOptions({
  queryKey: ['servers'],
  queryFn: ({ signal }) => ask<{ servers: Server[] }>('GET', '/servers', undefined, signal),
});

/** They ask for changes every half minute, and sooner when there are some. */
export const edgesQuestion = queryOptions({
  queryKey: ['edges'],
  queryFn: ({ signal }) => ask<Edges>('GET', '/edges', undefined, signal),
  refetchInterval: 10_000,
});

export const provisioningQuestion = (list: string) =>
  infiniteQueryOptions({
    queryKey: ['provisioning', list],
    queryFn: ({ pageParam, signal }) =>
      ask<Provisioning>(
        'GET',
        `/provisioning${query({ list, cursor: pageParam, limit: 50 })}`,
        undefined,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

export const discoveredQuestion = (state: string) =>
  infiniteQueryOptions({
    queryKey: ['discovered', state],
    queryFn: ({ pageParam, signal }) =>
      ask<Discovered>(
        'GET',
        `/discovered${query({ state, cursor: pageParam, limit: 50 })}`,
        undefined,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  });

export const masterUsersQuestion = queryOptions({
  queryKey: ['master-users'],
  queryFn: ({ signal }) =>
    ask<{ masterUsers: MasterUser[] }>('GET', '/servers/master-users', undefined, signal),
});
