/**
 * Cuts what is still open of app passwords that are good no more. The replica has lost such a password before it is seen here, so
 * that no new login gets in; then Dovecot is told to forget what it remembers, and then the sessions end:
 *
 *   replica without it -> auth cache flushed -> who -> kick -> later once more, for a login that was under way
 *
 * What does not succeed is tried again until it does, and told to control. Never touches sessions from other addresses than those
 * that the password was good from.
 */
import type { Clock } from '../base/clock.ts';
import type { EdgeFinding } from '../state/database/edges.ts';
import type { EndedPassword, ReplicaPasswords } from '../state/replica/replica-passwords.ts';
import type { DovecotSessions } from './dovecot-sessions.ts';
import { sessionsToCut } from './sessions-to-cut.ts';

interface CutterOptions {
  readonly passwords: () => Pick<ReplicaPasswords, 'endExpired' | 'ended' | 'forget'>;
  /** Null: sessions are left open on this host. */
  readonly dovecot: Pick<DovecotSessions, 'list' | 'end' | 'forgetAnswers'> | null;
  readonly clock: Clock;
  readonly log: (text: string, error?: unknown) => void;
}

/** How far an ended password is. */
interface Progress {
  readonly sinceMs: number;
  looks: number;
  /** Processes that were told to end. */
  readonly told: Set<number>;
}

const lookEveryMs = 1_000;
/**
 * After the password has left the replica. A login that was let in just before shows among the sessions within a moment; the
 * second look is for one that a slow host kept waiting. Both within the minute that is promised.
 */
const looksAfterMs = [1_000, 30_000] as const;
const firstRetryMs = 2_000;
/** Below the minute, so that a doveadm that fails twice costs no broken promise. */
const longestRetryMs = 15_000;
/** Each is a process of its own; thousands of passwords may end at once. */
const kicksAtOnce = 8;
const namedAtMost = 3;

export class SessionCutter {
  readonly #options: CutterOptions;
  readonly #progress = new Map<string, Progress>();
  #problem: string | null = null;

  constructor(options: CutterOptions) {
    this.#options = options;
  }

  /** What keeps sessions from being cut. */
  get findings(): readonly EdgeFinding[] {
    return this.#problem === null ? [] : [{ part: 'sessions', text: this.#problem }];
  }

  /** Until `signal` aborts; rejects for nothing. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      let waitMs = lookEveryMs;
      try {
        await this.look();
        retryMs = firstRetryMs;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (text !== this.#problem) log('sessions of revoked app passwords are not cut', error);
        this.#problem = text;
        waitMs = retryMs;
        retryMs = Math.min(longestRetryMs, retryMs * 2);
      }
      await clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  /** Throws what keeps it from its work. */
  async look(): Promise<void> {
    const { dovecot, clock } = this.#options;
    const passwords = this.#options.passwords();
    passwords.endExpired(clock.now());
    const ended = passwords.ended();
    if (dovecot === null) passwords.forget(ended);
    const due = dovecot === null ? [] : this.#due(ended);
    if (dovecot === null || due.length === 0) {
      if (ended.length === 0) this.#problem = null;
      return;
    }
    const fresh = due.filter(({ looks }) => looks.looks === 0);
    if (fresh.length > 0) await dovecot.forgetAnswers([...new Set(fresh.map(({ one }) => one.login))]);
    const sessions = await dovecot.list();
    const { cut, pids, inseparable } = sessionsToCut(
      sessions,
      due.map(({ one }) => one),
    );
    for (let at = 0; at < cut.length; at += kicksAtOnce)
      await Promise.all(
        cut.slice(at, at + kicksAtOnce).map(({ login, address }) => dovecot.end(login, address)),
      );
    const open = new Set(inseparable.map((login) => login.toLowerCase()));
    for (const { login, pid } of sessions)
      if (pids.has(pid) && due.some(({ one, looks }) => sameLogin(one.login, login) && looks.told.has(pid)))
        open.add(login.toLowerCase());
    for (const { one, looks } of due) {
      for (const { login, pid } of sessions)
        if (pids.has(pid) && sameLogin(one.login, login)) looks.told.add(pid);
      if (!open.has(one.login.toLowerCase())) looks.looks++;
    }
    this.#done(due);
    if (open.size > 0) throw new Error(stillOpen([...open], inseparable.length > 0));
    this.#problem = null;
  }

  #due(ended: readonly EndedPassword[]): { readonly one: EndedPassword; readonly looks: Progress }[] {
    const now = this.#options.clock.monotonic();
    const there = new Set(ended.map(keyOf));
    for (const key of this.#progress.keys()) if (!there.has(key)) this.#progress.delete(key);
    return ended.flatMap((one) => {
      const looks = this.#progress.get(keyOf(one)) ?? { sinceMs: now, looks: 0, told: new Set<number>() };
      this.#progress.set(keyOf(one), looks);
      const after = looksAfterMs[looks.looks] ?? 0;
      return now - looks.sinceMs >= after ? [{ one, looks }] : [];
    });
  }

  #done(due: readonly { readonly one: EndedPassword; readonly looks: Progress }[]): void {
    const over = due.filter(({ looks }) => looks.looks >= looksAfterMs.length).map(({ one }) => one);
    this.#options.passwords().forget(over);
    for (const one of over) this.#progress.delete(keyOf(one));
  }
}

const keyOf = ({ id, login }: EndedPassword): string => `${id} ${login}`;
const sameLogin = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function stillOpen(logins: readonly string[], inseparable: boolean): string {
  const more = logins.length - namedAtMost;
  const names = `${logins.slice(0, namedAtMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return inseparable
    ? `sessions of ${names} cannot be cut without cutting others: they share a process (client_limit of imap), or the name is a pattern`
    : `sessions of ${names} were told to end, and are still open`;
}
