/**
 * Who somebody is, by login and password. One answer for a wrong password, an unknown login and a wrong code, and in the
 * same time, also while old is away: refusals leave at whole multiples of a step that is longer than any of the ways takes.
 *
 *   lock-out -> person with a password of the portal -> its hash -> code; where one is wrong, as nobody
 *            -> account                              -> the old server
 *            -> neither                              -> the old server, with a password that nobody has
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { loginForm } from '../../state/database/address-form.ts';
import { ownersOf } from '../../state/database/addresses.ts';
import { accountOf } from '../../state/database/accounts.ts';
import type { EnvelopeKey } from '../../state/database/envelope.ts';
import { type Person, personOf, totpSecretOf, useTotpStep } from '../../state/database/people.ts';
import type { Database } from '../../state/database/open-database.ts';
import { Bounded } from './bounded.ts';
import { LockOut, type Verdict } from './lock-out.ts';
import type { MailboxCheck, MailboxCount, MailboxVerdict } from './mailbox-check.ts';
import { totpStepOf } from './one-time-code.ts';
import { mailboxPasswordHash, passwordHash, passwordMatches } from './password-hash.ts';

export interface LogInOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly clock: Clock;
  readonly checkMailbox: MailboxCheck;
  /** Dovecot waits two seconds before it refuses a password. */
  readonly refusalStepMs: number;
}

export interface Attempt {
  /** As it was typed. */
  readonly login: string;
  readonly password: Secret;
  readonly code: string | null;
  /** Network address. */
  readonly address: string;
}

export interface LoggedIn {
  /** In the form of `loginForm`. */
  readonly login: string;
  /** The mailbox that the password opened; null for a password of the portal. */
  readonly accountId: string | null;
  readonly operator: boolean;
  readonly locale: string | null;
  /** What was seen in the mailbox. */
  readonly count: MailboxCount | null;
}

type Outcome =
  | { readonly kind: 'in'; readonly who: LoggedIn }
  | { readonly kind: 'refused' }
  | { readonly kind: 'code-required' }
  | { readonly kind: 'unknown' };

/** The old server counts connections, and other people read their mail there. */
const checksAtOnce = { atOnce: 8, waiting: 64, waitMs: 10_000 };
/** Each takes 64 MiB; the threads beside the event loop are four. */
const hashesAtOnce = { atOnce: 2, waiting: 16, waitMs: 10_000 };

export class LogIn {
  readonly #options: LogInOptions;
  readonly #lockOut: LockOut;
  readonly #checks: Bounded;
  readonly #hashes: Bounded;

  constructor(options: LogInOptions) {
    this.#options = options;
    this.#lockOut = new LockOut(options.database.db);
    this.#checks = new Bounded(checksAtOnce, options.clock);
    this.#hashes = new Bounded(hashesAtOnce, options.clock);
  }

  /** Throws `login-refused`, `code-required`, `too-many-attempts`, `old-unreachable`. */
  async logIn(attempt: Attempt): Promise<LoggedIn> {
    const { clock, refusalStepMs } = this.#options;
    const startedAt = clock.monotonic();
    const login = loginForm(attempt.login);
    const settle = await this.#lockOut.attempt(login, attempt.address);
    const outcome = await this.#outcome(login, attempt).catch(async (error: unknown) => {
      await settle('neither');
      throw error;
    });
    await settle(verdictOf(outcome));
    if (outcome.kind === 'in') return outcome.who;
    if (outcome.kind === 'code-required')
      throw new MailferryError('code-required', 'the code of your authenticator is missing');
    const passed = clock.monotonic() - startedAt;
    await clock.sleep(Math.ceil(passed / refusalStepMs) * refusalStepMs - passed);
    throw outcome.kind === 'unknown' ? unreachable() : refused();
  }

  /** For a person who is logged in already. Throws as `logIn`. */
  async confirmMailbox(accountId: string, attempt: Attempt): Promise<void> {
    const settle = await this.#lockOut.attempt(attempt.login, attempt.address);
    const verdict = await this.#checkOf(accountId, attempt).catch(async (error: unknown) => {
      await settle('neither');
      throw error;
    });
    await settle(
      verdict.kind === 'wrong' ? 'refused' : verdict.kind === 'unknown' ? 'unanswered' : 'neither',
    );
    if (verdict.kind === 'wrong') throw refused();
    if (verdict.kind === 'unknown') throw unreachable();
  }

  /** Argon2id in PHC form, few at a time. Throws `too-many-attempts`. */
  hash(password: Secret): Promise<string> {
    return this.#hashes.run(() => passwordHash(password));
  }

  /** The same for a mailbox on new. */
  mailboxHash(password: Secret): Promise<string> {
    return this.#hashes.run(() => mailboxPasswordHash(password));
  }

  async #outcome(login: string, attempt: Attempt): Promise<Outcome> {
    const { db } = this.#options.database;
    const person = await personOf(db, login);
    if (person !== null && person.passwordHash !== null) return this.#byPortal(person, attempt);
    const accountId = (await ownersOf(db, [login])).get(login) ?? null;
    if (accountId === null) return this.#byNobody(login);
    const verdict = await this.#checkOf(accountId, attempt);
    if (verdict.kind === 'unknown') return { kind: 'unknown' };
    if (verdict.kind === 'wrong') return { kind: 'refused' };
    const locale = person?.locale ?? null;
    return { kind: 'in', who: { login, accountId, operator: false, locale, count: verdict.count } };
  }

  async #checkOf(accountId: string, { password }: Attempt): Promise<MailboxVerdict> {
    const { oldLogin } = await accountOf(this.#options.database.db, accountId);
    return this.#checks.run(() => this.#options.checkMailbox(oldLogin, password));
  }

  async #byPortal(person: Person, { password, code }: Attempt): Promise<Outcome> {
    const { database, key, clock } = this.#options;
    const { login, operator, locale } = person;
    const right = await this.#hashes.run(() => passwordMatches(password, person.passwordHash));
    // Old is asked as for a login that nobody has: while it is away the answer to both is the same.
    if (!right) return this.#byNobody(login);
    if (person.totp === 'confirmed') {
      if (code === null) return { kind: 'code-required' };
      const secret = await totpSecretOf(database.db, key, login);
      const step = secret === null ? null : totpStepOf(secret, code, clock.now());
      if (step === null || !(await useTotpStep(database.db, login, step))) return this.#byNobody(login);
    }
    return { kind: 'in', who: { login, accountId: null, operator, locale, count: null } };
  }

  /** Takes as long as a wrong password does. Nobody's password is sent where nobody has a mailbox. */
  async #byNobody(login: string): Promise<Outcome> {
    const nobodys = new Secret(randomBytes(12).toString('base64url'));
    const verdict = await this.#checks.run(() => this.#options.checkMailbox(login, nobodys));
    return { kind: verdict.kind === 'unknown' ? 'unknown' : 'refused' };
  }
}

function verdictOf({ kind }: Outcome): Verdict {
  return kind === 'refused' ? 'refused' : kind === 'unknown' ? 'unanswered' : 'neither';
}

function refused(): MailferryError {
  return new MailferryError('login-refused', 'login and password do not fit together');
}

function unreachable(): MailferryError {
  return new MailferryError('old-unreachable', 'the old mail server does not answer right now', {
    retryAfterMs: 60_000,
  });
}
