/** The questions that the pages ask, with the names under which their answers are kept. */
import { queryOptions } from '@tanstack/react-query';
import { ApiError, ask, query } from './ask.ts';
import type { Crossing, MailPrograms, OpenSession, Refused, Session } from './contract.ts';

/** Null where nobody is signed in. */
export const sessionQuestion = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await ask<Session>('GET', '/session', undefined, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export const sessionsQuestion = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => ask<{ sessions: OpenSession[] }>('GET', '/sessions', undefined, signal),
});

/** Live events ask anew; the interval is for a stream that is lost. */
export const crossingQuestion = (id: string) =>
  queryOptions({
    queryKey: ['crossing', id],
    queryFn: ({ signal }) =>
      ask<Crossing>('GET', `/accounts/${encodeURIComponent(id)}/crossing`, undefined, signal),
    refetchInterval: 15_000,
  });

export const mailProgramsQuestion = (id: string) =>
  queryOptions({
    queryKey: ['mail-programs', id],
    queryFn: ({ signal }) =>
      ask<MailPrograms>('GET', `/accounts/${encodeURIComponent(id)}/mail-programs`, undefined, signal),
    staleTime: 60_000,
  });

/** So many at once: each is a card, and a phone has to lay them out. */
const refusedPageSize = 25;

/** One page; `cursor` is `next` of the page before. */
export const refusedQuestion = (id: string, cursor?: string) =>
  queryOptions({
    queryKey: ['refused', id, cursor ?? ''],
    queryFn: ({ signal }) =>
      ask<{ refused: Refused[]; next: string | null }>(
        'GET',
        `/accounts/${encodeURIComponent(id)}/refused${query({ limit: refusedPageSize, cursor })}`,
        undefined,
        signal,
      ),
  });
