/** The edge as a process on a mail host: follows control, keeps Postfix's table, answers lookups, until a signal ends it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { EdgeEnrolment, EdgeRun } from '../../commands/edge.ts';
import {
  EdgeFollower,
  nexthopOf,
  PostmapTable,
  routeLookup,
  serveSocketmap,
  type SocketmapServer,
} from '../../routing/index.ts';
import { takeRunLock } from '../../state/run-lock.ts';
import { openLog } from '../../telemetry/log.ts';
import { openSystemd } from '../daemon/systemd.ts';
import { controlOverHttp, enrol } from './control-over-http.ts';
import { readEdgeFile, writeEdgeFile } from './edge-file.ts';

/** Gives the side and the name that control knows it by. */
export async function enrolEdge(
  { control, code, caFile, fingerprints, directory }: EdgeEnrolment,
  version: string,
): Promise<{ readonly side: 'old' | 'new'; readonly name: string; readonly file: string }> {
  const url = new URL(control);
  const trust = {
    caPem: caFile === null ? null : readFileSync(caFile, 'utf8'),
    fingerprintsSha256: fingerprints.map((one) =>
      one
        .replace(/^sha256:/i, '')
        .replaceAll(':', '')
        .toLowerCase(),
    ),
  };
  const { side, name, token } = await enrol({ url, trust }, code, version);
  const file = writeEdgeFile(directory, { control: url, trust, side, name, token: new Secret(token) });
  return { side, name, file };
}

export interface EdgeProcess {
  readonly run: EdgeRun;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly pid: number;
  readonly signal: AbortSignal;
}

/** Resolves when `signal` has ended it. Throws what keeps it from starting. */
export async function runEdge(options: EdgeProcess): Promise<void> {
  const { run, version, clock, signal } = options;
  const { directory, side, peer } = run;
  const log = openLog({ level: 'info', format: run.logFormat }, options.stdout);
  const kept = readEdgeFile(directory);
  if (kept.side !== side) {
    throw new MailferryError('usage', `this edge was enrolled for the ${kept.side} side, not for ${side}`);
  }
  const lock = takeRunLock(join(directory, 'edge'), clock.now(), 'the replica');
  const nexthop = nexthopOf(peer.host, peer.port);
  const systemd = openSystemd(options.environment, () => true, options.pid);
  let server: SocketmapServer | null = null;
  let follower: EdgeFollower | null = null;
  try {
    const following = new EdgeFollower({
      side,
      control: controlOverHttp({ url: kept.control, trust: kept.trust }, kept.token, version),
      file: join(directory, 'replica.sqlite'),
      groupReads: run.groupReads,
      table: run.table === null ? null : new PostmapTable({ file: run.table }),
      nexthop,
      clock,
      log: (text, error) => log.warn({ error: error instanceof Error ? error.message : undefined }, text),
    });
    follower = following;
    if (run.socketmap !== null) {
      const delimiters = run.delimiters ?? (await recipientDelimiter());
      const lookup = routeLookup({ side, replica: () => following.replica, nexthop, delimiters });
      server = await serveSocketmap(run.socketmap, lookup, (error) =>
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a lookup was put off'),
      );
    }
    const { accounts, addresses } = following.replica.counts;
    const name = kept.name;
    log.info(
      { name, side, control: kept.control.origin, accounts, addresses, epoch: following.epoch },
      'ready',
    );
    systemd.ready();
    await following.run(signal);
    log.info('stopping');
    systemd.stopping();
  } finally {
    await server?.close();
    follower?.close();
    lock.release();
    systemd.close();
  }
}

/** Of Postfix on this host; none where there is no Postfix to ask. */
function recipientDelimiter(): Promise<string> {
  return new Promise((resolve) => {
    execFile('postconf', ['-hx', 'recipient_delimiter'], { timeout: 10_000 }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : ''),
    );
  });
}
