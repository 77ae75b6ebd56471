/**
 * What went wrong with the daemon's database, in the terms of base/errors.ts. The texts name the database without
 * its password.
 */
import { type ErrorCode, MailferryError } from '../../base/errors.ts';
import { stateError } from '../state-error.ts';
import { ForeignFile } from './sqlite.ts';

const words: Partial<Record<ErrorCode, string>> = {
  'database-unreachable': 'cannot be reached',
  'database-login-refused': 'refuses the login',
  'database-busy': 'is held by another process',
  'database-damaged': 'is damaged or not a database of Mailferry',
  'database-unwritable': 'cannot be written',
};

/** `name` is the file, or the URL without its password. */
export function databaseError(name: string, error: unknown): MailferryError {
  if (error instanceof MailferryError) return error;
  const code = codeOf(name, error);
  const what = words[code] ?? 'could not carry out a query';
  return new MailferryError(code, `the database ${name} ${what} (${reasonOf(error)})`, { cause: error });
}

/** A host with several addresses fails with one error for each, and no text of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function codeOf(name: string, error: unknown): ErrorCode {
  if (error instanceof ForeignFile) return 'database-damaged';
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof code === 'string' && errcode === undefined && name.startsWith('postgres')) {
    return codeOfPostgres(code);
  }
  if (name.startsWith('postgres')) return codeOfDriver(reasonOf(error));
  return ofStateFile[stateError(name, error).code] ?? 'internal';
}

/** SQLSTATEs (PostgreSQL's manual, appendix A) and the system's errno. */
function codeOfPostgres(code: string): ErrorCode {
  if (code.startsWith('28') || code === '42501') return 'database-login-refused';
  if (/^(08|57P|53300|3D000)/.test(code)) return 'database-unreachable';
  if (code.startsWith('53')) return 'database-unwritable';
  if (/^XX00[12]/.test(code)) return 'database-damaged';
  return /^E[A-Z_]{3,}$/.test(code) ? 'database-unreachable' : 'internal';
}

/** What pg itself says has no code: it waited too long, or was given no password. */
function codeOfDriver(reason: string): ErrorCode {
  if (reason.startsWith('SASL')) return 'database-login-refused';
  return /timeout|terminated/i.test(reason) ? 'database-unreachable' : 'internal';
}

const ofStateFile: Partial<Record<ErrorCode, ErrorCode>> = {
  'state-busy': 'database-busy',
  'state-damaged': 'database-damaged',
  'state-full': 'database-unwritable',
  'state-unwritable': 'database-unwritable',
};
