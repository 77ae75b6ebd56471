/**
 * The HTTP API as commands use it: where it is, with whose token, and what its errors mean here. The token comes from a
 * file or the environment, never from the command line, which every user of the machine can read.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type ErrorCode, errorTable, MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { CommandEnv } from './command-env.ts';

export interface ApiOptions {
  readonly api?: string;
  readonly tokenFile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** An answer that takes longer will not come: starting a million accounts takes some minutes. */
const answerTimeoutMs = 600_000;

export function addApiOptions(command: Command): Command {
  return command
    .option('--json', 'JSON on standard output, one object a line')
    .optionsGroup('Where the daemon is:')
    .option('--api <url>', 'the API (else MAILFERRY_API, else control.listen of the configuration)')
    .option(
      '--token-file <file>',
      'its token (else MAILFERRY_TOKEN_FILE, MAILFERRY_TOKEN, else control.token_file of the configuration)',
    )
    .option('--config <file>', 'configuration (else MAILFERRY_CONFIG, else /etc/mailferry/mailferry.toml)')
    .optionsGroup('Options:');
}

/** Of a refused list: each row with what is wrong. */
export interface ListFault {
  readonly line: number;
  readonly column: string;
  readonly text: string;
  readonly allowed: string;
}

/** An error of the API, with what it told beside. */
export class ApiError extends MailferryError {
  readonly faults: readonly ListFault[];

  constructor(code: ErrorCode, message: string, faults: readonly ListFault[]) {
    super(code, message);
    this.faults = faults;
  }
}

export interface Body {
  readonly type: 'application/json' | 'text/csv';
  readonly content: string | Uint8Array<ArrayBuffer>;
}

export class ApiClient {
  readonly #url: URL;
  readonly #token: Secret;
  readonly #signal: AbortSignal;

  constructor(url: URL, token: Secret, signal: AbortSignal) {
    this.#url = url;
    this.#token = token;
    this.#signal = signal;
  }

  async get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    return this.#call<T>('GET', path, query, null);
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>(path, {}, { type: 'application/json', content: JSON.stringify(body) });
  }

  async send<T>(path: string, query: Readonly<Record<string, string | undefined>>, body: Body): Promise<T> {
    return this.#call<T>('POST', path, query, body);
  }

  async put(path: string, body: unknown): Promise<void> {
    await this.#call<null>('PUT', path, {}, { type: 'application/json', content: JSON.stringify(body) });
  }

  async remove(path: string): Promise<void> {
    await this.#call<null>('DELETE', path, {}, null);
  }

  /** All pages of a list, row by row. */
  async *rows<T>(
    path: string,
    name: string,
    query: Readonly<Record<string, string | undefined>> = {},
  ): AsyncGenerator<T> {
    for (let cursor: string | undefined; ; ) {
      const page = await this.get<Record<string, unknown>>(path, { ...query, limit: '1000', cursor });
      yield* page[name] as readonly T[];
      if (typeof page.next !== 'string') return;
      cursor = page.next;
    }
  }

  async #call<T>(
    method: string,
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    body: Body | null,
  ): Promise<T> {
    const url = new URL(`api/v1${path}`, this.#url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    let status: number;
    let text: string;
    try {
      const response = await fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${this.#token.reveal()}`,
          ...(body === null ? {} : { 'content-type': body.type }),
        },
        ...(body === null ? {} : { body: body.content }),
        // A token goes where it was meant to go.
        redirect: 'error',
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      if (this.#signal.aborted) throw new MailferryError('interrupted', 'interrupted', { cause: error });
      throw unreachable(this.#url, error);
    }
    if (status < 400) return (text === '' ? null : JSON.parse(text)) as T;
    throw problem(this.#url, status, text);
  }
}

/** Throws `configuration-missing`, `configuration-invalid`, `usage`. */
export async function apiClient(env: CommandEnv, options: ApiOptions): Promise<ApiClient> {
  const named = options.api ?? given(env, 'MAILFERRY_API');
  const tokenFile = options.tokenFile ?? given(env, 'MAILFERRY_TOKEN_FILE');
  const token = given(env, 'MAILFERRY_TOKEN');
  const known = named !== undefined && (tokenFile !== undefined || token !== undefined);
  const control = known ? null : await env.apiPlace(options.config ?? null);
  const url = named === undefined ? ownUrl(control?.listen ?? '') : namedUrl(named);
  if (tokenFile === undefined && token !== undefined)
    return new ApiClient(url, new Secret(token), env.signal);
  return new ApiClient(url, readToken(tokenFile ?? control?.tokenFile ?? ''), env.signal);
}

function given(env: CommandEnv, name: string): string | undefined {
  return env.env[name] === '' ? undefined : env.env[name];
}

/** Where the daemon of this machine listens: on all its addresses is also on this one. */
function ownUrl(listen: string): URL {
  const here = listen.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1');
  try {
    return new URL(`http://${here}/`);
  } catch {
    throw new MailferryError('usage', `control.listen is no address with a port: ${listen}`);
  }
}

/** The token would be read by others on the way. */
function namedUrl(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new MailferryError('usage', `--api: write an address like https://mail.example.org, not "${text}"`);
  }
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || local) return url;
  throw new MailferryError(
    'usage',
    `--api: ${url.host} is another machine: use https, or the token is read on the way`,
  );
}

function readToken(file: string): Secret {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new MailferryError('usage', `the token file ${file} ${why}; name another with --token-file`, {
      cause,
    });
  }
  if (/^[\x21-\x7e]{16,512}$/.test(text)) return new Secret(text);
  throw new MailferryError('usage', `the token file ${file} does not hold one token`);
}

function unreachable({ host, origin }: URL, error: unknown): MailferryError {
  const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } };
  const reason = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
  const name = host === '' ? origin : host;
  return new MailferryError('control-unreachable', `nothing answers at ${name} (${reason})`, {
    cause: error,
  });
}

function problem({ host }: URL, status: number, text: string): MailferryError {
  let told: { readonly code?: unknown; readonly detail?: unknown; readonly faults?: unknown } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    // A proxy's own page.
  }
  const { code, detail, faults } = told;
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new MailferryError('control-unreachable', `${host} answers with ${status}, and is not Mailferry`);
  }
  const known = Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal';
  return new ApiError(known, detail, Array.isArray(faults) ? (faults as ListFault[]) : []);
}
