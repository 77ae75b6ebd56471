/** The process that operators talk to: reads the token file, tells the database where the servers are, and listens. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import { buildApi } from '../portal/build-api.ts';
import type { ControlLog } from '../portal/control-context.ts';
import { LiveEvents } from '../portal/live-events.ts';
import { LogIn } from '../portal/login/log-in.ts';
import type { ReadOldMessage } from '../portal/old-message.ts';
import type { MailboxCheck } from '../portal/login/mailbox-check.ts';
import { Pages } from '../portal/pages.ts';
import { askForPasswords } from '../portal/outbox/ask-for-passwords.ts';
import { gatherSummaries } from '../portal/outbox/gather-summaries.ts';
import { sendDue } from '../portal/outbox/send.ts';
import { authenticator } from '../portal/policies/authenticate.ts';
import { hashOf } from '../portal/policies/token-text.ts';
import { runWaves } from '../portal/run-waves.ts';
import { startDue } from '../portal/start-due.ts';
import type { EnvelopeKey } from '../state/database/envelope.ts';
import type { Database } from '../state/database/open-database.ts';
import { takeSample } from '../state/database/samples.ts';
import { credentialOf, masterOwner } from '../state/database/credentials.ts';
import { putServer } from '../state/database/servers.ts';
import { readPrivately } from '../state/private-file.ts';
import { appPasswordsOf } from './app-passwords-of.ts';
import type { Configuration } from './configuration/schema.ts';
import { mailProgramsOf } from './mail-programs-of.ts';
import { Clockwork, type Errand } from './clockwork.ts';
import { accessTokensOf, hasTokens } from './daemon/access-tokens.ts';
import { trustOf } from './daemon/account-engines.ts';
import { discoveryOf, provisioningOf } from './provisioning-of.ts';
import { serverProbe } from './server-probe.ts';
import { smtpSender } from './send-mail.ts';
import { oldMessageReader } from './old-message.ts';
import { mailboxCheck } from './mailbox-check.ts';

export interface ControlOptions {
  readonly database: Database;
  readonly key: EnvelopeKey;
  readonly configuration: Pick<
    Configuration,
    'control' | 'worker' | 'old' | 'new' | 'mail' | 'mail_programs'
  >;
  readonly log: ControlLog;
  readonly clock?: Clock;
  /** By dotted key, as `mail.password`. */
  readonly secrets?: ReadonlyMap<string, Secret>;
  /** For tests; else the old server is asked. */
  readonly checkMailbox?: MailboxCheck;
  /** For tests; else the old server is asked. */
  readonly readOldMessage?: ReadOldMessage;
  /** For tests; else ui/dist of the package. */
  readonly pagesDirectory?: string;
  /** For tests; refused logins are answered at multiples of it. */
  readonly refusalStepMs?: number;
  /** For tests; of streams of events. */
  readonly heartbeatMs?: number;
}

export interface Control {
  /** `http://127.0.0.1:8420`. */
  readonly address: string;
  /** Ends streams, lets requests under way end, and cuts what is left; within five seconds. */
  close(): Promise<void>;
}

/** What is still under way then is cut: systemd gives the whole process ten seconds. */
const closeGraceMs = 4_000;
/** How late a mail or a webhook may be that nothing else holds up. */
const outboxEveryMs = 2_000;
/** A wave that ended, or a morning that began, is noticed within a minute. */
const summariesEveryMs = 60_000;
/** How late the mail is that asks an owner for the password of new. */
const passwordMailsEveryMs = 20_000;
/** A sample is taken once a minute: whoever looks often takes it near the full minute. */
const sampleEveryMs = 20_000;
/** How late an account is made that is waited for. */
const provisioningEveryMs = 500;
/** How late a planned start may be. */
const dueEveryMs = 2_000;
/** Longer than Dovecot's two seconds before it refuses a password, and than any hash here takes. */
const standardRefusalStepMs = 3_000;
/** Proxies cut a connection that is silent for a minute. */
const standardHeartbeatMs = 15_000;
/** A token shorter than this can be guessed. */
const minTokenLength = 32;

/** Throws `token-file-unusable`, `listen-failed` and what the database says. */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { database, key, configuration, log, clock = systemClock } = options;
  const operator = readTokenFile(configuration.control.token_file);
  if (operator === null) {
    log.warn(
      { file: configuration.control.token_file },
      'there is no token file: only tokens of the database are good',
    );
  }
  for (const side of ['old', 'new'] as const) {
    const { host, port, tls, limits } = configuration[side];
    const standardPort = tls === 'implicit' ? 993 : 143;
    await putServer(database.db, { side, host, port: port ?? standardPort, limits }, 'configuration');
  }
  const secretOf = (owner: string, side: 'old' | 'new') => credentialOf(database.db, key, { owner, side });
  const appPasswords = appPasswordsOf({
    database,
    key,
    clock,
    configuration,
    actor: `control:${hostname()}`,
  });
  const live = new LiveEvents(database, clock, (error) => log.error({ err: error }, 'events cannot be read'));
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const logIn = new LogIn({
    database,
    key,
    clock,
    checkMailbox: options.checkMailbox ?? mailboxCheck(configuration.old),
    refusalStepMs: options.refusalStepMs ?? standardRefusalStepMs,
  });
  const making = {
    database,
    key,
    clock,
    log,
    configuration,
    secrets: options.secrets ?? new Map(),
    hash: (password: Secret) => logIn.mailboxHash(password),
  };
  const { provisioning: set } = configuration.new;
  const provisioning = provisioningOf(making);
  const discovery = discoveryOf(making);
  const pagesDirectory = options.pagesDirectory ?? fileURLToPath(new URL('../../ui/dist', import.meta.url));
  const pages = new Pages(pagesDirectory);
  const api = await buildApi({
    database,
    key,
    clock,
    log,
    live,
    version,
    pages,
    tls: { old: configuration.old.tls, new: configuration.new.tls },
    tokensOn: { old: hasTokens(configuration.old), new: hasTokens(configuration.new) },
    configuredMasters: {
      old: configuration.old.master_user ?? null,
      new: configuration.new.master_user ?? null,
    },
    mailsOn: configuration.mail.host !== undefined,
    passwordMails: { most: set.password_mails, days: set.password_mail_days },
    publicUrl: configuration.control.public_url ?? null,
    trustedProxies: configuration.control.trusted_proxies,
    pollMs: configuration.worker.polling_seconds * 1000,
    heartbeatMs: options.heartbeatMs ?? standardHeartbeatMs,
    mailPrograms: mailProgramsOf(configuration.mail_programs),
    probe: serverProbe({ old: trustOf(configuration.old), new: trustOf(configuration.new) }, clock),
    readOldMessage:
      options.readOldMessage ??
      oldMessageReader({
        configuration,
        secrets: options.secrets ?? new Map(),
        appPasswordOf: (id, side) => appPasswords.passwordFor(id, side),
        secretOf,
        accessTokenOf: accessTokensOf(configuration, clock),
        masterOf: (side) => secretOf(masterOwner, side),
        trust: trustOf(configuration.old),
        clock,
      }),
    logIn,
    appPasswords,
    provisioning,
    discovery,
    authenticate: authenticator(database.db, operator === null ? null : hashOf(operator)),
  });
  const place = listenPlace(configuration.control.listen);
  try {
    const address = await api.listen(place);
    log.info({ address }, 'the API is served');
    if (pages.present)
      log.info({ portal: configuration.control.public_url ?? address }, 'the portal is served');
    else {
      log.warn(
        { directory: pagesDirectory },
        'the portal has no pages, only the API is served: build them with `npm run build:ui` (the published package holds them), then start again',
      );
    }
    const outbox = {
      database,
      key,
      clock,
      log,
      sendMail: smtpSender(configuration.mail, options.secrets?.get('mail.password')),
      locale: configuration.mail.locale,
      publicUrl: configuration.control.public_url ?? null,
    };
    const summaries = { database, clock, mails: outbox.sendMail !== null };
    const asking = {
      database,
      clock,
      log,
      most: outbox.sendMail === null || outbox.publicUrl === null ? 0 : set.password_mails,
      againMs: set.password_mail_days * 86_400_000,
    };
    const clockwork = new Clockwork(errands(), clock, log);
    if (!isLoopback(place.host)) {
      log.warn({ address }, 'other machines reach the API without TLS: put a proxy with TLS in front');
    }
    return {
      address,
      close: async () => {
        await clockwork.close();
        await live.close();
        const cut = setTimeout(() => api.server.closeAllConnections(), closeGraceMs);
        await api.close();
        clearTimeout(cut);
      },
    };
    function errands(): Errand[] {
      return [
        { name: 'due', everyMs: dueEveryMs, run: () => startDue(database.db).then(toldStarted) },
        { name: 'waves', everyMs: dueEveryMs, run: () => runWaves(database.db, clock) },
        { name: 'mails', everyMs: outboxEveryMs, run: (over) => sendDue(outbox, 'mail', over) },
        { name: 'webhooks', everyMs: outboxEveryMs, run: (over) => sendDue(outbox, 'webhook', over) },
        { name: 'summaries', everyMs: summariesEveryMs, run: () => gatherSummaries(summaries) },
        {
          name: 'password mails',
          everyMs: passwordMailsEveryMs,
          run: (over) => askForPasswords(asking, over),
        },
        { name: 'started', everyMs: dueEveryMs, run: () => provisioning.noticeStarted() },
        { name: 'provisioning', everyMs: provisioningEveryMs, run: (over) => provisioning.due(over) },
        {
          name: 'discovery',
          everyMs: configuration.old.discovery.every_seconds * 1_000,
          run: (over) => discovery.due(over),
        },
        { name: 'sample', everyMs: sampleEveryMs, run: () => takeSample(database.db) },
      ];
    }
    function toldStarted(accounts: number): void {
      if (accounts > 0) log.info({ accounts }, 'accounts started as planned');
    }
  } catch (error) {
    await api.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new MailferryError(
      'listen-failed',
      `cannot listen on ${configuration.control.listen} (${reason})`,
      {
        cause: error,
      },
    );
  }
}

/** Null where there is no such file. Throws `token-file-unusable`, also where others than its owner may read it. */
function readTokenFile(file: string): Secret | null {
  let text: string;
  try {
    text = readPrivately(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MailferryError('token-file-unusable', `the token file ${file} cannot be used (${reason})`);
  }
  if (text.length >= minTokenLength && /^[\x21-\x7e]+$/.test(text)) return new Secret(text);
  throw new MailferryError('token-file-unusable', `the token file ${file} does not hold one token`);
}

/** `127.0.0.1:8420`, `[::1]:8420`, `localhost:8420`. Throws `listen-failed`. */
function listenPlace(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host !== undefined && port <= 65_535) return { host, port };
  throw new MailferryError('listen-failed', `control.listen is no address with a port: ${text}`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
