/** What an edge was last run with, in its directory: so that `mailferry doctor` looks at the same without being told again. */
import { lstatSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { MailferryError } from '../../../base/errors.ts';
import { standardDoveadm } from '../../../domain/doveadm-command.ts';
import type { DoctorPlace } from './place.ts';

const fileName = 'edge-run.json';

const schema = z.object({
  side: z.enum(['old', 'new']),
  peer: z.object({ host: z.string(), port: z.int() }),
  table: z.string().nullable(),
  socketmap: z
    .union([z.object({ host: z.enum(['127.0.0.1', '::1']), port: z.int() }), z.object({ path: z.string() })])
    .nullable(),
  delimiters: z.string().nullable(),
  groupReads: z.boolean(),
  postfix: z.string(),
  dovecot: z.string(),
  // One that an earlier release wrote has none.
  doveadm: z.array(z.string()).nullable().default([standardDoveadm]),
});

export function writeRunFile({ directory, ...run }: DoctorPlace): void {
  const { side, peer, table, socketmap, delimiters, groupReads, postfix, dovecot, doveadm } = run;
  const kept: z.input<typeof schema> = {
    side,
    peer,
    // From wherever it is asked about.
    table: table === null ? null : resolve(table),
    socketmap,
    delimiters,
    groupReads,
    postfix,
    dovecot,
    doveadm: doveadm === null ? null : [...doveadm],
  };
  const file = join(directory, fileName);
  writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Null where no edge has run there. Throws `usage` where it cannot be read. */
export function readRunFile(directory: string): DoctorPlace | null {
  const file = join(directory, fileName);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new MailferryError('usage', `${file}: ${message}`, { cause: error });
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw new MailferryError('usage', `${file} is damaged: start the edge anew`);
  return { ...parsed.data, ...(mayRun(file, directory) ? {} : standards), directory };
}

const standards = { postfix: '/etc/postfix', dovecot: '/etc/dovecot', doveadm: [standardDoveadm] };

/**
 * Whether what the file names may be run by who we are. Root runs nothing that another user could have written there: an edge
 * may be a user of its own, and the directory is that user's.
 */
function mayRun(file: string, directory: string): boolean {
  if (process.getuid?.() !== 0) return true;
  return [directory, file]
    .map((path) => lstatSync(path))
    .every(({ uid, mode }) => uid === 0 && (mode & 0o022) === 0);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
