/**
 * OAuth tokens of one side: from a program of the operator's, kept until shortly before they run out, or from a file that
 * somebody else renews. A token that the server refuses is asked for once more, as it may have been taken back.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import { endText, quoted, runProgram } from '../../provisioning/index.ts';
import type { CurrentCredentials } from '../../remote/imap/index.ts';
import type { Account } from '../../state/database/accounts.ts';
import type { Configuration, ServerConfiguration } from '../configuration/schema.ts';
import type { CredentialSources } from './account-credentials.ts';

type Settings = ServerConfiguration['access_tokens'];
type Asking = Pick<Account, 'id' | 'address'>;

/** RFC 6749 §5.1, and whether the token opens every account. A longer token than 16 KB fits no server's line. */
const answer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  expires_in: z.number().nonnegative().optional(),
  all_accounts: z.boolean().optional(),
});
/** Where the answer names none, which RFC 6749 allows. */
const standardExpiresInS = 300;
/** Before it runs out: a login that begins now is not to end too late. */
const earlyMs = 30_000;
/** Ten thousand accounts begin at once; programs do not. */
const programsAtOnce = 4;
const fileAtMost = 16_384;

interface Kept {
  readonly token: Secret;
  readonly untilMs: number;
}

export class AccessTokens {
  readonly #side: 'old' | 'new';
  readonly #settings: Settings;
  readonly #clock: Clock;
  /** By account; under '' one that is good for all. Those that ran out go when another comes. */
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<Kept>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(side: 'old' | 'new', settings: Settings, clock: Clock) {
    this.#side = side;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** For a store of this account; null where the side has no tokens. */
  credentials(account: Asking, user: string): CurrentCredentials | null {
    const { file, mechanism = null } = this.#settings;
    if (!hasTokens({ access_tokens: this.#settings })) return null;
    let last: { readonly token: string; readonly kept: boolean } | null = null;
    return {
      kind: 'current',
      user,
      current: async () => {
        const kept = this.#good(account.id);
        const { token } =
          kept ?? (file === undefined ? await this.#ask(account, user) : { token: await this.#read(file) });
        last = { token: token.reveal(), kept: kept !== null };
        return { kind: 'token', user, mechanism, token };
      },
      refused: () => {
        for (const key of [account.id, '']) {
          if (this.#kept.get(key)?.token.reveal() === last?.token) this.#kept.delete(key);
        }
        return last?.kept === true;
      },
    };
  }

  #good(id: string): Kept | null {
    const kept = this.#kept.get(id) ?? this.#kept.get('');
    return kept !== undefined && kept.untilMs > this.#clock.monotonic() ? kept : null;
  }

  /** One question for an account at a time, whoever waits for it. */
  #ask(account: Asking, login: string): Promise<Kept> {
    const asked = this.#asking.get(account.id);
    if (asked !== undefined) return asked;
    const asking = this.#askInTurn(account, login).finally(() => this.#asking.delete(account.id));
    this.#asking.set(account.id, asking);
    return asking;
  }

  async #askInTurn(account: Asking, login: string): Promise<Kept> {
    if (this.#running >= programsAtOnce) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running++;
    try {
      // Meanwhile another may have brought one for all.
      return this.#good(account.id) ?? (await this.#run(account, login));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #run({ id, address }: Asking, login: string): Promise<Kept> {
    const { command, seconds } = this.#settings;
    const end = await runProgram({
      argv: command,
      input: { side: this.#side, address, login },
      deadlineMs: seconds * 1000,
      signal: new AbortController().signal,
      answerAtMost: 4 * fileAtMost,
    });
    // Whatever it prints to standard output may be a token, and is not told.
    if (end.kind !== 'ended' || end.code !== 0)
      throw this.#missing(`for ${address}: ${quoted(endText(end), [])}`);
    const said = answer.safeParse(parsed(end.stdout));
    if (!said.success) throw this.#missing(`for ${address}: the answer is not as RFC 6749 §5.1 has it`);
    const { access_token, expires_in = standardExpiresInS, all_accounts = false } = said.data;
    const now = this.#clock.monotonic();
    for (const [key, { untilMs }] of this.#kept) if (untilMs <= now) this.#kept.delete(key);
    const kept = { token: new Secret(access_token), untilMs: now + expires_in * 1000 - earlyMs };
    this.#kept.set(all_accounts ? '' : id, kept);
    return kept;
  }

  async #read(file: string): Promise<Secret> {
    let text: string;
    try {
      text = (await readFile(file, 'utf8')).trim();
    } catch (error) {
      throw this.#missing(`${file} cannot be read`, error);
    }
    if (text === '' || text.length > fileAtMost || /[^\x21-\x7e]/.test(text))
      throw this.#missing(`${file} holds no token`);
    return new Secret(text);
  }

  #missing(why: string, cause?: unknown): MailferryError {
    return new MailferryError('access-token-missing', `no token for the ${this.#side} server: ${why}`, {
      side: this.#side,
      cause,
    });
  }
}

export const hasTokens = ({ access_tokens }: Pick<ServerConfiguration, 'access_tokens'>): boolean =>
  access_tokens.command.length > 0 || access_tokens.file !== undefined;

/** Of both sides of a configuration. */
export function accessTokensOf(
  configuration: Pick<Configuration, 'old' | 'new'>,
  clock: Clock,
): CredentialSources['accessTokenOf'] {
  const tokens = {
    old: new AccessTokens('old', configuration.old.access_tokens, clock),
    new: new AccessTokens('new', configuration.new.access_tokens, clock),
  };
  return (account, side, user) => tokens[side].credentials(account, user);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
