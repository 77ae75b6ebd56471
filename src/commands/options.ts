/** Options that several commands share, and how their values are read. */
import { type Command, Option } from 'commander';
import { MailferryError } from '../base/errors.ts';
import { encodeModifiedUtf7 } from '../base/modified-utf7.ts';
import type { MailboxFilter } from '../sync/index.ts';

export interface PairOptions {
  readonly from: string;
  readonly to: string;
  readonly fromPasswordFile?: string;
  readonly toPasswordFile?: string;
  readonly fromTokenFile?: string;
  readonly toTokenFile?: string;
  readonly fromAuthUser?: string;
  readonly toAuthUser?: string;
  readonly allowPlaintext?: boolean;
  readonly caFile?: string;
  readonly tlsFingerprint?: readonly string[];
  readonly state?: string;
  readonly mailbox?: readonly string[];
  readonly exclude?: readonly string[];
  readonly map?: readonly string[];
  readonly json?: boolean;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Repeatable; which words there are is shown and completed, and the API has the last word. */
export function listOf(flags: string, what: string, words: readonly string[]): Option {
  return new Option(flags, what).choices(words).argParser(collect);
}

export function addTlsOptions(command: Command): Command {
  return command
    .option('--allow-plaintext', 'send the password unencrypted where the server has no STARTTLS')
    .option('--ca-file <file>', 'PEM file of certificate issuers to trust instead of the system’s')
    .option(
      '--tls-fingerprint <sha256:hex>',
      'accept only this certificate (repeat for two servers)',
      collect,
    );
}

export function addPairOptions(command: Command): Command {
  command
    .requiredOption('--from <url>', 'old account: imaps://user%40example.org@host[:port]')
    .requiredOption('--to <url>', 'new account')
    .option(
      '--from-password-file <file>',
      'password of the old account (else MAILFERRY_FROM_PASSWORD, else a prompt)',
    )
    .option(
      '--to-password-file <file>',
      'password of the new account (else MAILFERRY_TO_PASSWORD, else a prompt)',
    )
    .option('--from-auth-user <name>', 'log in on old as this master user, on behalf of the URL’s user')
    .option('--to-auth-user <name>', 'the same on new')
    .option('--from-token-file <file>', 'OAuth token for old (XOAUTH2 or OAUTHBEARER)')
    .option('--to-token-file <file>', 'the same for new');
  return addTlsOptions(command)
    .option(
      '--state <file>',
      'where to remember what was copied (default: by the pair of accounts, under $XDG_STATE_HOME/mailferry)',
    )
    .option('--mailbox <name...>', 'only these mailboxes of the old side')
    .option('--exclude <name...>', 'not these mailboxes')
    .option('--map <old=new>', 'put a mailbox under another name (repeatable)', collect)
    .option('--json', 'one JSON object a line on standard output');
}

/** Names as people write them to raw names; a name that is raw already (valid modified UTF-7) stays. */
export function mailboxFilter(options: PairOptions): MailboxFilter {
  const map = new Map<string, string>();
  for (const pair of options.map ?? []) {
    const at = pair.indexOf('=');
    if (at <= 0 || at === pair.length - 1)
      throw new MailferryError('usage', `--map: write OLD=NEW, not "${pair}"`);
    map.set(rawName(pair.slice(0, at)), rawName(pair.slice(at + 1)));
  }
  return {
    only: options.mailbox === undefined ? null : new Set(options.mailbox.map(rawName)),
    exclude: new Set((options.exclude ?? []).map(rawName)),
    map,
  };
}

function rawName(name: string): string {
  if (name.toUpperCase() === 'INBOX') return 'INBOX';
  return encodeModifiedUtf7(name);
}

/** "2024-05-31" (that day's start in UTC) or a full ISO 8601 date and time. `what` is the option. */
export function dateMs(text: string | undefined, what: string): number | null {
  if (text === undefined) return null;
  const ms = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 31st of February for the 2nd of March.
  const day = text.slice(0, 10);
  const exists = !Number.isNaN(ms) && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  if (!exists) throw new MailferryError('usage', `${what}: write a date like 2024-05-31, not "${text}"`);
  return ms;
}

export function positiveInteger(text: string | undefined, what: string): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new MailferryError('usage', `${what}: write a whole number from 1, not "${text}"`);
  return Number(text);
}

/** "50/s" messages; "2MB/s" bytes; both separated by a comma. A number alone could mean either. */
export function maxRate(text: string | undefined): { messages: number | null; bytes: number | null } {
  const rates: { messages: number | null; bytes: number | null } = { messages: null, bytes: null };
  for (const part of text === undefined ? [] : text.split(',')) {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(|kB|MB|GB|B|messages?)\/s\s*$/i.exec(part);
    const value = Number(match?.[1]);
    if (match === null || !(value > 0)) {
      throw new MailferryError(
        'usage',
        `--max-rate: write 20/s for messages, 2MB/s for bytes, or both with a comma, not "${text}"`,
      );
    }
    const unit = (match[2] ?? '').toLowerCase();
    const factor = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 }[unit];
    if (factor === undefined) rates.messages = value;
    else rates.bytes = value * factor;
  }
  return rates;
}
