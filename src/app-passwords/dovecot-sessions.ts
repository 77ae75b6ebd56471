/**
 * The sessions that are open at Dovecot on this host, by its doveadm: who, by which protocol, from where, in which process. Ends
 * some of them. Dovecot 2.3 knows a session by its user and address, not by the password that opened it.
 */
import { execFile } from 'node:child_process';
import { MailferryError } from '../base/errors.ts';
import { whoArguments } from '../domain/doveadm-command.ts';

export interface MailSession {
  readonly login: string;
  readonly protocol: string;
  readonly pid: number;
  /** Empty where Dovecot knows none. */
  readonly address: string;
}

/** doveadm asks processes of the same machine: what takes longer hangs. */
const deadlineMs = 10_000;
/** Of a list of sessions, at some hundred octets each. */
const mostOutputBytes = 64 * 1024 * 1024;
const mostSaid = 300;
/** So many in one call: the words of a command have their limit. */
const loginsAtOnce = 200;
/** Of doveadm where there was nobody to end (EX_NOUSER is 67, this one is its own). */
const notFound = 68;

export class DovecotSessions {
  readonly #command: readonly string[];

  /** `command`: doveadm with what stands before its verb. */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** Throws `dovecot-refused`. */
  async list(): Promise<MailSession[]> {
    const text = await this.#run(whoArguments, [notFound]);
    return text.trim() === '' ? [] : sessionsIn(text);
  }

  /** All of this login from this address. No pattern: see sessions-to-cut.ts. Throws `dovecot-refused`. */
  async end(login: string, address: string): Promise<void> {
    await this.#run(['kick', '--', login, address], [notFound]);
  }

  /** Dovecot may remember an answer that was right before. Throws `dovecot-refused`. */
  async forgetAnswers(logins: readonly string[]): Promise<void> {
    for (let at = 0; at < logins.length; at += loginsAtOnce)
      await this.#run(['auth', 'cache', 'flush', '--', ...logins.slice(at, at + loginsAtOnce)], []);
  }

  /** `alsoGood`: exit codes beside 0, as long as nothing is said of an error. */
  #run(args: readonly string[], alsoGood: readonly number[]): Promise<string> {
    const [program = '', ...before] = this.#command;
    const options = { timeout: deadlineMs, maxBuffer: mostOutputBytes, killSignal: 'SIGKILL' } as const;
    return new Promise((resolve, reject) => {
      execFile(program, [...before, ...args], options, (error, stdout, stderr) => {
        const said = stderr.trim();
        const good = error === null || (typeof error.code === 'number' && alsoGood.includes(error.code));
        if (good && said === '') resolve(stdout);
        else reject(refused([program, args[0] ?? ''], said === '' ? (error?.message ?? '') : said));
      });
    });
  }
}

function refused(what: readonly string[], said: string): MailferryError {
  return new MailferryError('dovecot-refused', `${what.join(' ')}: ${said.slice(0, mostSaid)}`);
}

/** What `doveadm -f json who -1` prints: a list of objects, all of whose values are texts. */
export function sessionsIn(text: string): MailSession[] {
  let rows: unknown = null;
  try {
    rows = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (!Array.isArray(rows)) throw refused(['doveadm', 'who'], 'its list of sessions cannot be read');
  return rows.map((row: unknown) => {
    const { username, service, proto, pid, ip } = (row ?? {}) as Record<string, unknown>;
    const protocol = service ?? proto;
    if (typeof username !== 'string' || typeof protocol !== 'string' || !/^\d+$/.test(String(pid)))
      throw refused(['doveadm', 'who'], 'its list of sessions cannot be read');
    return { login: username, protocol, pid: Number(pid), address: typeof ip === 'string' ? ip : '' };
  });
}
