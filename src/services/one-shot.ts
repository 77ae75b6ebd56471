/** Builds what a command that runs once needs: stores for both sides, the state file, the clock. No decisions. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { AccountAccess, OpenedRun, StateChoice } from '../commands/command-env.ts';
import { defaultConnectTimeoutMs, defaultIdleTimeoutMs, openImapStore } from '../remote/imap/index.ts';
import { openState } from '../state/index.ts';
import type { Journal } from '../sync/journal.ts';
import type { Credentials, MailStore, StoreSession } from '../sync/mail-store.ts';
import { describeHeader } from './describe-header.ts';
import { keepHeapSmall } from './heap-keeper.ts';

export async function openRun(
  env: Readonly<Record<string, string | undefined>>,
  from: AccountAccess,
  to: AccountAccess,
  state: StateChoice,
): Promise<OpenedRun> {
  const path = stateFile(env, from, to, state);
  const deps = {
    old: store('old', from),
    fresh: store('new', to),
    clock: systemClock,
    random: Math.random,
    describeHeader,
  };
  if (path === null)
    return { deps: { ...deps, journal: emptyJournal }, stateFile: null, close: async () => {} };
  const journal = await openState(path, { pair: { from: nameOf(from), to: nameOf(to) }, clock: systemClock });
  const letHeapGrow = keepHeapSmall();
  return {
    deps: { ...deps, journal },
    stateFile: path,
    close: async () => {
      letHeapGrow();
      await journal.close();
    },
  };
}

export async function openSession(account: AccountAccess): Promise<StoreSession> {
  return await store('old', account).openSession();
}

/** The account in the state file: who it is, not how it is reached. */
function nameOf({ url }: AccountAccess): string {
  return `${url.user}@${url.host.toLowerCase()}:${url.port}`;
}

function stateFile(
  env: Readonly<Record<string, string | undefined>>,
  from: AccountAccess,
  to: AccountAccess,
  choice: StateChoice,
): string | null {
  if (choice.kind === 'file') return choice.path;
  if (choice.kind === 'existing') {
    const path = choice.path ?? defaultStateFile(env, from, to);
    return existsSync(path) ? path : null;
  }
  return defaultStateFile(env, from, to);
}

/** Readable, and unique by a digest of the pair. */
function defaultStateFile(
  env: Readonly<Record<string, string | undefined>>,
  from: AccountAccess,
  to: AccountAccess,
): string {
  const base = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const pair = `${nameOf(from)} ${nameOf(to)}`;
  const readable = `${from.url.user}--${to.url.user}`.replace(/[^A-Za-z0-9@._-]+/g, '_').slice(0, 120);
  const digest = createHash('sha256').update(pair).digest('hex').slice(0, 12);
  return join(base, 'mailferry', 'copy', `${readable}-${digest}.sqlite`);
}

function store(side: 'old' | 'new', account: AccountAccess): MailStore {
  const { url, allowPlaintext, caPem, fingerprintsSha256 } = account;
  return openImapStore({
    side,
    host: url.host,
    port: url.port,
    security: url.security,
    allowPlaintext,
    trust: { caPem, fingerprintsSha256 },
    credentials: credentials(account),
    authMechanism: url.mechanism === 'PLAIN' || url.mechanism === 'LOGIN' ? url.mechanism : null,
    clock: systemClock,
    connectTimeoutMs: defaultConnectTimeoutMs,
    idleTimeoutMs: defaultIdleTimeoutMs,
  });
}

function credentials({ url, password, token, authUser }: AccountAccess): Credentials {
  if (token !== null) {
    const mechanism = url.mechanism === 'XOAUTH2' || url.mechanism === 'OAUTHBEARER' ? url.mechanism : null;
    return { kind: 'token', user: url.user, mechanism, token };
  }
  if (password === null) throw new MailferryError('usage', `no password for ${url.user}`);
  return { kind: 'password', user: url.user, authUser, password };
}

/** Remembers nothing: for commands that only read. */
const emptyJournal: Journal = {
  load: async () => ({ mailboxes: [], intents: [], refused: [], notes: {} }),
  chunks: async () => [],
  record: async () => {
    throw new MailferryError('internal', 'a command that only reads tried to write');
  },
};
