/**
 * An edge, wherever it runs: follows control, keeps the replica and Postfix's table, answers lookups, cuts what is open of revoked
 * app passwords, and has its host looked at.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DovecotSessions, SessionCutter } from '../../app-passwords/index.ts';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import type { EdgeRun } from '../../commands/edge.ts';
import {
  type EdgeControl,
  EdgeFollower,
  nexthopOf,
  PostmapTable,
  routeLookup,
  serveSocketmap,
  type SocketmapServer,
} from '../../routing/index.ts';
import { takeRunLock } from '../../state/run-lock.ts';
import type { Log } from '../../telemetry/log.ts';
import { doctorRounds } from './doctor-rounds.ts';
import { writeRunFile } from './doctor/run-file.ts';

export interface EdgeSetup {
  readonly run: Omit<EdgeRun, 'logFormat'>;
  readonly control: EdgeControl;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OpenedEdge {
  /** Of what it has: it may be behind control. */
  readonly counts: { readonly accounts: number; readonly addresses: number; readonly epoch: number };
  /** And looks at the host now and then. Until the signal aborts; rejects for nothing. */
  follow(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Its directory has to be there. Throws what keeps it from starting, `state-busy` where another one runs there. */
export async function openEdge({ run, control, clock, log }: EdgeSetup): Promise<OpenedEdge> {
  const { directory, side, peer } = run;
  const lock = takeRunLock(join(directory, 'edge'), clock.now(), 'the replica');
  let follower: EdgeFollower | null = null;
  let server: SocketmapServer | null = null;
  const close = async () => {
    await server?.close();
    follower?.close();
    lock.release();
  };
  const warn = (text: string, error?: unknown) =>
    log.warn({ side, error: error instanceof Error ? error.message : undefined }, text);
  try {
    try {
      writeRunFile(run);
    } catch (error) {
      // Routes do not depend on it.
      warn('`mailferry doctor` will not know what this edge runs with', error);
    }
    const nexthop = nexthopOf(peer.host, peer.port);
    const cutter: SessionCutter = new SessionCutter({
      passwords: () => following.replica.passwords,
      dovecot: run.doveadm === null ? null : new DovecotSessions(run.doveadm),
      clock,
      log: warn,
    });
    const following: EdgeFollower = new EdgeFollower({
      side,
      control,
      file: join(directory, 'replica.sqlite'),
      groupReads: run.groupReads,
      table: run.table === null ? null : new PostmapTable({ file: run.table, configDirectory: run.postfix }),
      nexthop,
      clock,
      log: warn,
      alsoWrong: () => cutter.findings,
    });
    follower = following;
    if (run.socketmap !== null) {
      const delimiters = run.delimiters ?? (await recipientDelimiter(run.postfix));
      const lookup = routeLookup({ side, replica: () => following.replica, nexthop, delimiters });
      server = await serveSocketmap(run.socketmap, lookup, (error) =>
        log.warn(
          { side, error: error instanceof Error ? error.message : String(error) },
          'a lookup was put off',
        ),
      ).catch((cause: unknown) => {
        const { message } = cause as Error;
        throw new MailferryError('listen-failed', `Postfix cannot be answered there (${message})`, { cause });
      });
    }
    return {
      get counts() {
        return { ...following.replica.counts, epoch: following.epoch };
      },
      follow: async (signal) => {
        await Promise.all([following.run(signal), cutter.run(signal), rounds(following, signal)]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function rounds(following: EdgeFollower, signal: AbortSignal): Promise<void> {
    if (run.doctorMinutes === 0) return;
    const ready = () => following.epoch > 0;
    const everyMs = run.doctorMinutes * 60_000;
    await doctorRounds({ place: run, control, everyMs, ready, clock, log: warn }, signal);
  }
}

/** Of Postfix on this host; none where there is no Postfix to ask. */
function recipientDelimiter(configDirectory: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      'postconf',
      ['-c', configDirectory, '-hx', 'recipient_delimiter'],
      { timeout: 10_000 },
      (error, stdout) => resolve(error === null ? stdout.trim() : ''),
    );
  });
}
