/**
 * Accounts on mailcow, by its API. There a login is an address, and all other addresses are aliases of it. Its answers to
 * changes are lists of `{type, msg}`; what else stands in them repeats the request, and is never shown.
 */
import { randomBytes } from 'node:crypto';
import { Secret } from '../base/secret.ts';
import { type ApiAnswer, type ApiPlace, askApi } from './json-over-http.ts';
import type {
  Change,
  EnsureOptions,
  Ensured,
  NewSideAccount,
  Provisioner,
  TestAnswer,
} from './provisioner.ts';
import { pending, quoted, refused } from './provisioning-error.ts';

const mebibyte = 1024 * 1024;

interface Mailbox {
  /** Octets; 0 without a limit. */
  readonly quota: number;
}

interface Alias {
  readonly address: string;
  readonly goto: readonly string[];
}

export class MailcowProvisioner implements Provisioner {
  readonly name = 'mailcow';
  /** That it takes as they are, with the scheme in front. */
  readonly schemes = (
    'ARGON2I ARGON2ID BLF-CRYPT CRYPT DES-CRYPT LDAP-MD5 MD5 MD5-CRYPT PBKDF2 PLAIN-MD4 PLAIN-MD5 SHA SHA1 SHA256 ' +
    'SHA256-CRYPT SHA512 SHA512-CRYPT SMD5 SSHA SSHA256 SSHA512'
  ).split(' ');
  readonly #place: ApiPlace;

  constructor(place: {
    readonly url: URL;
    readonly caPem: string | null;
    readonly key: Secret;
    readonly deadlineMs: number;
  }) {
    const { key, ...rest } = place;
    this.#place = { ...rest, header: { name: 'x-api-key', value: key } };
  }

  async ensure(account: NewSideAccount, { dryRun, signal }: EnsureOptions): Promise<Ensured> {
    const login = account.login.toLowerCase();
    if (!/^[^@\s]+@[^@\s]+$/.test(login))
      throw refused(
        this.name,
        `a login there is an address, and ${login} is none: import the account with another new_login`,
      );
    const found = await this.#mailbox(login, signal);
    const changes: Change[] = [];
    let hash = account.hashBefore;
    const step = async (change: Change, work: () => Promise<void>) => {
      changes.push(change);
      if (!dryRun) await work();
    };
    if (found === null) {
      // It makes no mailbox without a password: nobody has this one.
      const password = account.hash ?? new Secret(`Aa1!${randomBytes(32).toString('base64url')}`);
      await step('create', () => this.#add(login, account, password, signal));
      hash = password;
    } else {
      const quota = mebibytes(account.quotaBytes);
      if (quota !== null && found.quota !== quota * mebibyte)
        await step('quota', () => this.#edit(login, { quota: String(quota) }, signal));
      if (changedByOld(account)) {
        const password = account.hash?.reveal() ?? '';
        await step('password', () => this.#edit(login, { password, password2: password }, signal, account));
        hash = account.hash;
      }
    }
    const others = [account.address, ...account.aliases].filter((one) => one !== login);
    const known = others.length === 0 ? new Map<string, Alias>() : await this.#aliases(signal);
    for (const address of others) {
      const alias = known.get(address);
      if (alias === undefined)
        await step(`alias ${address}`, () =>
          this.#change('/api/v1/add/alias', { active: '1', address, goto: login }, signal),
        );
      else if (!alias.goto.includes(login))
        throw refused(this.name, `the alias ${address} is there, and goes to somebody else`);
    }
    return { changes, hash };
  }

  async test(signal: AbortSignal): Promise<TestAnswer> {
    const body = await this.#get('/api/v1/get/status/version', signal);
    const { version } = body as { readonly version?: unknown };
    return { text: `mailcow ${typeof version === 'string' ? quoted(version, []) : 'of an unknown version'}` };
  }

  async #mailbox(login: string, signal: AbortSignal): Promise<Mailbox | null> {
    const body = await this.#get(`/api/v1/get/mailbox/${encodeURIComponent(login)}`, signal);
    const { username, quota } = body as { readonly username?: unknown; readonly quota?: unknown };
    if (username === undefined) return null;
    if (typeof username !== 'string' || username.toLowerCase() !== login)
      throw pending(this.name, 'it answers for another mailbox');
    return { quota: Number(quota) };
  }

  async #aliases(signal: AbortSignal): Promise<ReadonlyMap<string, Alias>> {
    const body = await this.#get('/api/v1/get/alias/all', signal);
    const rows = Array.isArray(body) ? (body as readonly Record<string, unknown>[]) : [];
    return new Map(
      rows.map(({ address, goto }) => {
        const name = String(address).toLowerCase();
        return [name, { address: name, goto: String(goto).toLowerCase().split(',') }];
      }),
    );
  }

  async #add(login: string, account: NewSideAccount, secret: Secret, signal: AbortSignal): Promise<void> {
    const at = login.lastIndexOf('@');
    const quota = mebibytes(account.quotaBytes);
    const password = secret.reveal();
    const body = {
      active: '1',
      local_part: login.slice(0, at),
      domain: login.slice(at + 1),
      name: login,
      password,
      password2: password,
      force_pw_update: '0',
      // Without it the domain's own.
      ...(quota === null ? {} : { quota: String(quota) }),
    };
    await this.#change('/api/v1/add/mailbox', body, signal, account);
  }

  #edit(
    login: string,
    attributes: Readonly<Record<string, string>>,
    signal: AbortSignal,
    account?: NewSideAccount,
  ): Promise<void> {
    return this.#change('/api/v1/edit/mailbox', { items: [login], attr: attributes }, signal, account);
  }

  async #get(path: string, signal: AbortSignal): Promise<object> {
    const { body } = await this.#ask('GET', path, null, signal);
    if (typeof body !== 'object' || body === null) throw pending(this.name, 'its answer is no JSON');
    const fault = faultIn(body);
    if (fault !== null) throw refused(this.name, quoted(fault, []));
    return body;
  }

  async #change(path: string, body: object, signal: AbortSignal, account?: NewSideAccount): Promise<void> {
    const answer = await this.#ask('POST', path, body, signal);
    if (answer.body === undefined) throw pending(this.name, 'its answer is no JSON');
    const all = Array.isArray(answer.body) ? (answer.body as readonly unknown[]) : [answer.body];
    const secrets = [account?.hash ?? null, account?.hashBefore ?? null];
    const fault = all.map(faultIn).find((one) => one !== null);
    if (fault !== undefined && fault !== null) throw refused(this.name, quoted(fault, secrets));
    if (!all.some((one) => (one as { readonly type?: unknown } | null)?.type === 'success'))
      throw pending(this.name, 'it does not say that it did it');
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    body: object | null,
    signal: AbortSignal,
  ): Promise<ApiAnswer> {
    let answer: ApiAnswer;
    try {
      answer = await askApi(this.#place, method, path, body, signal);
    } catch (error) {
      throw pending(this.name, `does not answer (${error instanceof Error ? error.message : 'unknown'})`);
    }
    if (answer.status >= 200 && answer.status < 300) return answer;
    // A key or a list of addresses that is wrong is so for all accounts: it goes on when it has been mended.
    const fault = faultIn(answer.body);
    throw pending(this.name, `answers ${answer.status}${fault === null ? '' : `: ${quoted(fault, [])}`}`);
  }
}

/** Null where it has no limit of ours. It counts in MiB. */
function mebibytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.max(1, Math.ceil(bytes / mebibyte));
}

/** It shows no hashes: only what old changed since Mailferry last put one there is put there. */
function changedByOld({ hash, hashBefore }: NewSideAccount): boolean {
  return hash !== null && hashBefore !== null && hash.reveal() !== hashBefore.reveal();
}

/** `msg` is a word, or a word with what it is about. */
function faultIn(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const { type, msg } = answer as { readonly type?: unknown; readonly msg?: unknown };
  if (type !== 'danger' && type !== 'error') return null;
  return Array.isArray(msg) ? msg.filter((one) => typeof one === 'string').join(' ') : String(msg);
}
