/** The questions that the pages ask, with the names under which their answers are kept. */
import { queryOptions } from '@tanstack/react-query';
import { ApiError, ask } from './ask.ts';
import type { Crossing, OpenSession, Refused, Session } from './contract.ts';

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

export const refusedQuestion = (id: string) =>
  queryOptions({
    queryKey: ['refused', id],
    queryFn: ({ signal }) =>
      ask<{ refused: Refused[]; next: string | null }>(
        'GET',
        `/accounts/${encodeURIComponent(id)}/refused`,
        undefined,
        signal,
      ),
  });
