/**
 * How often somebody may try a password. Counted before it is tried, so that many at once are not tried all, and taken
 * back where it was right. Counted in the database, for all controls together.
 */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { MailferryError } from '../../base/errors.ts';
import { type Allowance, countTry, takeBack } from '../../state/database/login-attempts.ts';
import type { Tables } from '../../state/database/tables.ts';

const minute = 60_000;

/** A person who mistypes needs three; the mailbox's own server may lock after ten. */
const pair = { atMost: 5, overMs: 15 * minute };
/** Many people may share an address; a script goes through a list of logins from one. */
const net = { atMost: 40, overMs: 15 * minute };
/** From many addresses at once. Higher than what one needs to shut out another from a single address. */
const login = { atMost: 30, overMs: 60 * minute };
/**
 * While old is away nobody is locked out by trying again and again. But an operator's password, which is no business of
 * old's, must not be guessed meanwhile, and must not be told from others by being counted: so all are, generously.
 */
const unanswered = { atMost: 20, overMs: 15 * minute };

/** What came of an attempt: whether it was refused, nobody could say, or it was none of both. */
export type Verdict = 'refused' | 'unanswered' | 'neither';

export class LockOut {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Throws `too-many-attempts` with the time to wait. Gives the function that is told what came of it. */
  async attempt(name: string, from: string): Promise<(verdict: Verdict) => Promise<void>> {
    const network = networkOf(from);
    const counted: readonly Allowance[] = [
      { key: keyOf('pair', network, name), ...pair },
      { key: keyOf('address', network), ...net },
      { key: keyOf('login', name), ...login },
    ];
    const spared: Allowance = { key: keyOf('unanswered', network, name), ...unanswered };
    const waitMs = await countTry(this.#db, [...counted, spared]);
    if (waitMs !== null) {
      throw new MailferryError('too-many-attempts', 'too many passwords were tried', {
        retryAfterMs: waitMs,
      });
    }
    return async (verdict) => {
      const back = [
        ...(verdict === 'refused' ? [] : counted),
        ...(verdict === 'unanswered' ? [] : [spared]),
      ].map(({ key }) => key);
      await takeBack(this.#db, back);
    };
  }
}

/** Nobody has to know from the table who tried. Anybody could try all logins, but not all pairs. */
function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** One customer's IPv6 network has 2^64 addresses: they count as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.replace(/^::ffff:/, '');
  const [head = '', tail = ''] = address.split('::');
  const parts = head.split(':').filter((part) => part !== '');
  const rest = tail.split(':').filter((part) => part !== '');
  const zeros = address.includes('::')
    ? Array<string>(Math.max(0, 8 - parts.length - rest.length)).fill('0')
    : [];
  const network = [...parts, ...zeros, ...rest].slice(0, 4);
  // A proxy may write it in capitals and with leading zeros.
  return network.map((part) => Number.parseInt(part, 16).toString(16)).join(':');
}
