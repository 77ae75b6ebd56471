/** A started control on a test's database, and a client that speaks HTTP to it as anybody would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from '../../src/services/configuration/read.ts';
import type { MailboxCheck } from '../../src/portal/login/mailbox-check.ts';
import { type ControlOptions, startControl } from '../../src/services/control.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import type { Database } from '../../src/state/database/open-database.ts';

export const operatorToken = `mf1.operator.${'c'.repeat(43)}`;
export const key = new EnvelopeKey(new Uint8Array(32).fill(7));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  readonly body: Record<string, unknown>;
}

export interface CallOptions {
  readonly token?: string | null;
  /** Of a session; goes with what a page of the portal would send, and without a token. */
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ControlEnv {
  readonly url: string;
  readonly tokenFile: string;
  /** Every line of the log so far. */
  readonly log: readonly string[];
  /** `body` a text goes as CSV, anything else as JSON. */
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  /** Logs in and gives the cookie. */
  logIn(login: string, password: string, code?: string): Promise<string>;
  close(): Promise<void>;
}

/** Everybody's mailbox has the password `right`; `away` says that the server is. */
export const rightOnly: MailboxCheck = async (_login, password) => {
  if (password.reveal() === 'away') return { kind: 'unknown', reason: 'unreachable' };
  return password.reveal() === 'right' ? { kind: 'right', count: null } : { kind: 'wrong' };
};

type ControlExtras = Pick<ControlOptions, 'checkMailbox' | 'refusalStepMs' | 'heartbeatMs' | 'clock'> & {
  /** Further tables of the configuration. */
  readonly toml?: string;
  /** Further keys of [control]. */
  readonly controlToml?: string;
  /** Where it listens; else on a port that is free. */
  readonly listen?: string;
};

export async function startControlFor(
  database: Database,
  { toml: moreToml = '', controlToml = '', listen = '127.0.0.1:0', ...extras }: ControlExtras = {},
): Promise<ControlEnv> {
  const directory = mkdtempSync(join(tmpdir(), 'mailferry-control-'));
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, `${operatorToken}\n`, { mode: 0o600 });
  const toml = `[control]\nlisten = "${listen}"\ntoken_file = "${tokenFile}"\n${controlToml}\n[old]\nhost = "old.example.org"\n[new]\nhost = "new.example.org"\n${moreToml}`;
  const read = readConfiguration(toml, {}, () => '');
  if (!read.ok) throw new Error('the configuration of the test is wrong');
  const lines: string[] = [];
  const note = (level: string) => (fields: object, text: string) => {
    lines.push(JSON.stringify({ level, text, ...fields, err: String((fields as { err?: unknown }).err) }));
  };
  const control = await startControl({
    database,
    key,
    configuration: read.value.configuration,
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    checkMailbox: rightOnly,
    refusalStepMs: 20,
    ...extras,
  });
  const logIn = async (login: string, password: string, code?: string) => {
    const body = { login, password, ...(code === undefined ? {} : { code }) };
    const answer = await call(`${control.address}/api/v1/session`, 'POST', body, { token: null });
    const line = answer.headers.get('set-cookie');
    if (line === null) throw new Error(`nobody was logged in: ${answer.text}`);
    return line.split(';')[0] ?? '';
  };
  return {
    url: control.address,
    tokenFile,
    log: lines,
    logIn,
    call: (method, path, body, options = {}) => call(`${control.address}${path}`, method, body, options),
    close: async () => {
      await control.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function call(url: string, method: string, body: unknown, options: CallOptions): Promise<Answer> {
  const { cookie, token = cookie === undefined ? operatorToken : null, headers = {} } = options;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
      ...(body === undefined
        ? {}
        : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const parsed = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, text, body: parsed };
}
