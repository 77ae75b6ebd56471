/**
 * What went wrong with the state file, in the terms of base/errors.ts. SQLite's result codes and the system's errno
 * both end here; each says to a person what to do about it.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { MailferryError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that are about the file, not about our SQL. */
const busy = [5, 6];
const unwritable = [3, 8, 14, 23];
const damaged = [11, 26];
const full = 13;
const inputOutput = 10;

/** Below this much free space a failed write is taken for a full disk: SQLite reports some of them as plain I/O errors. */
const nearlyNothingBytes = 65_536;

function codeOf(file: string, error: unknown): ErrorCode {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof errcode === 'number') {
    const primary = errcode & 0xff;
    if (busy.includes(primary)) return 'state-busy';
    if (primary === full) return 'state-full';
    if (damaged.includes(primary)) return 'state-damaged';
    if (primary === inputOutput || unwritable.includes(primary)) {
      return hasRoom(file) ? 'state-unwritable' : 'state-full';
    }
    // A transaction that SQLite rolled back for want of room makes the ROLLBACK behind it fail as an error of its own.
    return hasRoom(file) ? 'internal' : 'state-full';
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'state-full';
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? 'state-unwritable' : 'internal';
}

function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize > nearlyNothingBytes;
  } catch {
    return true;
  }
}

const words: Partial<Record<ErrorCode, string>> = {
  'state-busy': 'is in use by another process',
  'state-full': 'cannot grow: the disk is full',
  'state-damaged': 'is damaged or not a state file',
  'state-unwritable': 'cannot be written',
};

export function stateError(file: string, error: unknown): MailferryError {
  if (error instanceof MailferryError) return error;
  const code = codeOf(file, error);
  const reason = error instanceof Error ? error.message : String(error);
  const what = words[code] ?? 'could not carry out a query';
  return new MailferryError(code, `the state file ${file} ${what} (${reason})`, { cause: error });
}

export function stateDamaged(file: string, what: string): MailferryError {
  return new MailferryError('state-damaged', `the state file ${file} ${what}`);
}
