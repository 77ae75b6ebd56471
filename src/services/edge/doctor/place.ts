/** What the doctor looks at: the host's edge as it is run, and where Postfix and Dovecot are configured. */
import type { Clock } from '../../../base/clock.ts';
import type { EdgeRun } from '../../../commands/edge.ts';

export type DoctorPlace = Omit<EdgeRun, 'logFormat' | 'doctorMinutes'>;

export interface DoctorEnv {
  readonly place: DoctorPlace;
  readonly clock: Clock;
  /** Ends all that is under way. */
  readonly signal: AbortSignal;
  /** Whether this process may do what root may. */
  readonly isRoot: boolean;
  /** A whole number below `limit`. */
  readonly random: (limit: number) => number;
}

/** Within the edge's directory. */
export const replicaFile = 'replica.sqlite';

/** As Postfix names what the edge keeps or answers; null where it does neither. */
export function keptTable({ table, socketmap }: DoctorPlace): string | null {
  if (table !== null) return `lmdb:${table}`;
  if (socketmap === null) return null;
  if ('path' in socketmap) return `socketmap:unix:${socketmap.path}:transport`;
  const host = socketmap.host.includes(':') ? `[${socketmap.host}]` : socketmap.host;
  return `socketmap:inet:${host}:${socketmap.port}:transport`;
}
