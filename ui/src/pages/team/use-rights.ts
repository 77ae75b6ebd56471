/** What who is signed in may do in a team. The server judges; this only leaves out what it would refuse. */
import { useSuspenseQuery } from '@tanstack/react-query';
import type { Right } from '../../api/contract.ts';
import { sessionQuestion } from '../../api/questions.ts';

export const allRights: ReadonlySet<Right> = new Set<Right>(['view', 'move', 'plan', 'people']);

export function useRights(team: string): ReadonlySet<Right> {
  const { data: session } = useSuspenseQuery(sessionQuestion);
  const roles = session?.person.roles;
  if (roles?.operator === true) return allRights;
  return new Set(roles?.teams.find(({ id }) => id === team)?.rights ?? []);
}
