/**
 * A Dovecot on new that has no users of its own: it reads them from the replica of an edge, as `mailferry config dovecot` tells it
 * to, and as nothing else does.
 */
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dovecot } from './dovecot.ts';

interface Feeding {
  readonly fresh: Dovecot;
  /** Of the edge of new. */
  readonly edgeDirectory: string;
  /** Runs the program with these arguments; rejects where it fails. */
  readonly mailferry: (...args: string[]) => Promise<unknown>;
}

const deadlineMs = 20_000;

/** The arguments of the command that an operator types. */
export function feedingArguments(fresh: Dovecot): string[] {
  const { uid, gid } = fresh.mailOwner('');
  return ['--side', 'new', '--user-fields', `uid=${uid} gid=${gid} home=${fresh.dir}/mail/%u`];
}

/** Waits for the replica, puts Dovecot's new configuration in force, and resolves when Dovecot knows this login. */
export async function feedDovecot(
  { fresh, edgeDirectory, mailferry }: Feeding,
  login: string,
): Promise<void> {
  await until(() => existsSync(join(edgeDirectory, 'replica.sqlite')), 'the edge of new has no replica');
  // Dovecot's workers read below it.
  chmodSync(edgeDirectory, 0o755);
  const { uid, gid } = fresh.mailOwner('');
  mkdirSync(join(fresh.dir, 'conf.d'), { recursive: true });
  mkdirSync(join(fresh.dir, 'mail'), { recursive: true });
  if (process.getuid?.() === 0) chownSync(join(fresh.dir, 'mail'), uid, gid);
  const here = ['--directory', edgeDirectory, '--config-directory', fresh.dir, '--dovecot', '2.3'];
  await mailferry('config', 'dovecot', ...feedingArguments(fresh), ...here, '--apply');
  await fresh.doveadm(['reload']);
  const isKnown = () =>
    fresh.doveadm(['user', login]).then(
      () => true,
      () => false,
    );
  await until(isKnown, `Dovecot does not know ${login}`);
}

async function until(fulfilled: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await fulfilled())) {
    if (performance.now() > end) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
