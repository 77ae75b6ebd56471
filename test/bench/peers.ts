/**
 * The tools that the benchmark compares, each as the command its manual gives for copying one account between two
 * servers. All read the same old server over IMAP on loopback; `doveadm backup` writes the new store itself.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dovecot, LabUser } from '../lab/dovecot.ts';

export type ToolName = 'mailferry' | 'doveadm' | 'mbsync' | 'imapsync';

export interface Job {
  readonly old: Dovecot;
  readonly oldUser: LabUser;
  readonly fresh: Dovecot;
  readonly newUser: LabUser;
  /** A directory for state and configuration, kept between the first copy and the pass without a change. */
  readonly dir: string;
}

export interface ToolCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..', '..');

export const tools: Readonly<Record<ToolName, (job: Job) => ToolCommand>> = {
  mailferry: ({ old, oldUser, fresh, newUser, dir }) => ({
    argv: [
      join(root, 'bin', 'mailferry'),
      'copy',
      '--from',
      `imap://${encodeURIComponent(oldUser.name)}@127.0.0.1:${old.imapPort}`,
      '--to',
      `imap://${encodeURIComponent(newUser.name)}@127.0.0.1:${fresh.imapPort}`,
      '--state',
      join(dir, 'state.sqlite'),
      '--json',
    ],
    env: { MAILFERRY_FROM_PASSWORD: oldUser.password, MAILFERRY_TO_PASSWORD: newUser.password },
  }),
  doveadm: ({ old, oldUser, fresh, newUser }) => ({
    argv: [
      'doveadm',
      '-c',
      fresh.configFile,
      ...[
        'imapc_host=127.0.0.1',
        `imapc_port=${old.imapPort}`,
        `imapc_user=${oldUser.name}`,
        `imapc_password=${oldUser.password}`,
        'imapc_features=rfc822.size fetch-headers',
        'mail_prefetch_count=20',
      ].flatMap((setting) => ['-o', setting]),
      'backup',
      '-R',
      '-u',
      newUser.name,
      'imapc:',
    ],
    env: {},
  }),
  mbsync: (job) => {
    const file = join(job.dir, 'mbsyncrc');
    writeFileSync(file, mbsyncConfig(job));
    return { argv: ['mbsync', '-q', '-c', file, 'bench'], env: {} };
  },
  imapsync: ({ old, oldUser, fresh, newUser }) => ({
    argv: [
      'imapsync',
      '--host1',
      '127.0.0.1',
      '--port1',
      String(old.imapPort),
      '--user1',
      oldUser.name,
      '--password1',
      oldUser.password,
      '--host2',
      '127.0.0.1',
      '--port2',
      String(fresh.imapPort),
      '--user2',
      newUser.name,
      '--password2',
      newUser.password,
      '--nolog',
      '--noreleasecheck',
      '--notls1',
      '--notls2',
    ],
    env: {},
  }),
};

function mbsyncConfig({ old, oldUser, fresh, newUser, dir }: Job): string {
  const store = (name: string, server: Dovecot, user: LabUser) =>
    `IMAPStore ${name}\nHost 127.0.0.1\nPort ${server.imapPort}\nUser ${user.name}\nPass ${user.password}\n` +
    'SSLType None\nAuthMechs LOGIN\n\n';
  const state = join(dir, 'mbsync-state/');
  mkdirSync(state, { recursive: true });
  chmodSync(state, 0o700);
  return (
    store('old', old, oldUser) +
    store('new', fresh, newUser) +
    `Channel bench\nFar :old:\nNear :new:\nPatterns *\nSync Pull\nCreate Near\nSyncState ${state}\n`
  );
}

export function isInstalled(tool: ToolName): boolean {
  if (tool === 'mailferry') return true;
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
