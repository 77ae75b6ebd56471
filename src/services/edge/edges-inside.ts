/** The edges within `mailferry serve`, for a machine that is a mail host as well: one for each side that is configured. */
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import { doveadmOf } from '../../domain/doveadm-command.ts';
import { hostPlaceOf, localPlaceOf } from '../../domain/host-place.ts';
import type { ServerSide } from '../../domain/placement.ts';
import type { EnvelopeKey } from '../../state/database/envelope.ts';
import type { Database } from '../../state/database/open-database.ts';
import { makeDirectoryPrivately } from '../../state/private-file.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Configuration } from '../configuration/schema.ts';
import { controlInside } from './control-inside.ts';
import { type EdgeSetup, type OpenedEdge, openEdge } from './open-edge.ts';

export interface EdgesInside {
  /** What is in force on the host stays so. */
  close(): Promise<void>;
}

interface InsideOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly configuration: Pick<Configuration, 'old' | 'new'>;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is configured for a side; null where there is no edge. */
export function insideRun(
  side: ServerSide,
  { edge }: Pick<Configuration['old'], 'edge'>,
): (EdgeSetup['run'] & { readonly name: string }) | null {
  const { postfix, dovecot, doctor_minutes: doctorMinutes } = edge;
  const { directory: place, peer, name, table, socketmap, delimiters = null } = edge;
  const to = peer === undefined ? null : hostPlaceOf(peer, 25);
  if (place === undefined || to === null) return null;
  const directory = resolve(place);
  return {
    side,
    name: name ?? `${hostname().slice(0, 90)}-${side}`,
    directory,
    peer: to,
    table: table ? join(directory, 'transport') : null,
    socketmap: socketmap === undefined ? null : localPlaceOf(socketmap),
    delimiters,
    postfix,
    dovecot,
    doctorMinutes,
    groupReads: edge.group_reads,
    doveadm: doveadmOf(edge.doveadm, dovecot),
  };
}

/** They follow when this resolves. Throws what keeps one from starting; then none runs. */
export async function startEdgesInside(options: InsideOptions): Promise<EdgesInside> {
  const { database, key, configuration, version, clock, log } = options;
  const over = new AbortController();
  const opened: { readonly edge: OpenedEdge; readonly following: Promise<void> }[] = [];
  const close = async () => {
    over.abort();
    await Promise.all(
      opened.map(async ({ edge, following }) => {
        await following;
        await edge.close();
      }),
    );
  };
  try {
    for (const side of ['old', 'new'] as const) {
      const run = insideRun(side, configuration[side]);
      if (run === null) continue;
      const { name, directory } = run;
      makeDirectory(side, directory);
      const control = await controlInside(database, key, { side, name, version }, clock);
      const edge = await openEdge({ run, control, clock, log });
      opened.push({ edge, following: edge.follow(over.signal) });
      log.info({ name, side, directory, ...edge.counts }, 'the edge is inside');
    }
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

function makeDirectory(side: ServerSide, directory: string): void {
  try {
    makeDirectoryPrivately(directory);
  } catch (cause) {
    const text = `${side}.edge.directory: ${directory} cannot be made (${(cause as Error).message})`;
    throw new MailferryError('configuration-invalid', text, { cause });
  }
}
