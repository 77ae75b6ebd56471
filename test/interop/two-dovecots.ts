/** What most tests of the program begin with: an old and a new Dovecot without TLS, and a directory for state files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dovecot, type LabUser, startDovecot } from '../lab/dovecot.ts';
import { type LabImap, pairOptions, passwordsOf, type Running, startMailferry } from './mailferry.ts';

export interface TwoDovecots {
  readonly old: Dovecot;
  readonly fresh: Dovecot;
  /** Goes with `stop()`. */
  readonly dir: string;
  stop(): Promise<void>;
}

export async function startTwoDovecots(...users: readonly LabUser[]): Promise<TwoDovecots> {
  const start = () => startDovecot({ users, tls: false });
  const [old, fresh] = await Promise.all([start(), start()]);
  const dir = mkdtempSync(join(tmpdir(), 'mf-two-'));
  return {
    old,
    fresh,
    dir,
    stop: async () => {
      await Promise.all([old.stop(), fresh.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** `copy --follow --json` of one account, past its first round. By default nothing comes by the clock in an hour. */
export async function startFollowing(
  [old, fresh]: readonly [LabImap, LabImap],
  user: LabUser,
  state: string,
  pollSeconds = 3600,
): Promise<Running> {
  const options = ['--follow', '--poll', String(pollSeconds), '--json'];
  const run = startMailferry(
    ['copy', ...pairOptions(old, fresh, user, state), ...options],
    passwordsOf(user),
  );
  await run.printed('"type":"round"');
  return run;
}
