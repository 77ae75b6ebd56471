/** Exit codes, and how an error is told to a person or a script. The codes are a contract: docs/reference/cli. */
import { type ErrorCode, MailferryError } from '../base/errors.ts';
import type { CommandEnv } from './command-env.ts';

export const exitCode = {
  ok: 0,
  /** Done, but some messages are not across (copy), or are missing (verify). */
  incomplete: 1,
  usage: 2,
  unreachable: 3,
  interrupted: 130,
} as const;

const usageCodes: readonly ErrorCode[] = [
  'usage',
  'configuration-missing',
  'configuration-invalid',
  'url-invalid',
  'state-foreign',
  'state-damaged',
  'state-busy',
  'state-full',
  'state-unwritable',
  'database-unreachable',
  'database-login-refused',
  'database-newer',
  'database-busy',
  'database-damaged',
  'database-unwritable',
  'key-file-unusable',
  'token-file-unusable',
  'listen-failed',
  'same-account',
  'account-unknown',
  'token-unknown',
  'edge-unknown',
  'edge-exists',
  'edge-code-refused',
  'edge-not-enrolled',
  'operator-exists',
  'operator-unknown',
  'team-exists',
  'team-unknown',
  'import-refused',
  'request-invalid',
  'request-too-large',
  'internal',
];

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof MailferryError)) return exitCode.usage;
  if (error.code === 'interrupted') return exitCode.interrupted;
  return usageCodes.includes(error.code) ? exitCode.usage : exitCode.unreachable;
}

const sideNames = { old: 'old side (--from)', new: 'new side (--to)' } as const;

/** Tells the error on stderr (and as a line of JSON on stdout) and gives the exit code. */
/** `sides` false for commands that know one account only. */
export function tellError(
  command: Pick<CommandEnv, 'stdout' | 'stderr'>,
  error: unknown,
  json: boolean,
  sides = true,
): number {
  const known =
    error instanceof MailferryError
      ? error
      : new MailferryError(
          'internal',
          error instanceof Error ? (error.stack ?? error.message) : String(error),
        );
  if (json) {
    const { code, side, message, action } = known;
    command.stdout.write(
      `${JSON.stringify({ type: 'error', code, side: (sides ? side : null) ?? null, message, action })}\n`,
    );
  }
  const where = !sides || known.side === undefined ? '' : `${sideNames[known.side]}: `;
  command.stderr.write(`mailferry: ${where}${known.message}\n  ${known.action}\n`);
  return exitCodeOf(known);
}
