/**
 * From a TCP connection to a logged-in pipe: greeting, STARTTLS, capabilities, one login attempt, capabilities again,
 * ID, ENABLE. A password is sent once and never again after a refusal (lock-outs), and never in clear text unless the
 * host is loopback or the caller allows it.
 */
import { MailferryError } from '../../base/errors.ts';
import type { Connection } from '../../net/connection.ts';
import type { Credentials, StoreAbilities } from '../../sync/mail-store.ts';
import type { ImapResponse } from '../../wire/imap/response.ts';
import { oauthbearer } from '../../wire/sasl/oauthbearer.ts';
import { xoauth2 } from '../../wire/sasl/xoauth2.ts';
import { abilitiesOf } from './abilities.ts';
import { readGreeting } from './greeting.ts';
import type { ImapStoreOptions } from './options.ts';
import { logInByPassword } from './password-login.ts';
import { authenticateBy, methodMissing } from './sasl.ts';
import type { Tagged } from './command.ts';
import type { CommandPipe } from './pipe.ts';
import { brokenByProduct } from './product-quirks.ts';
import { redactor } from './redact.ts';
import { cleanText, loginError } from './refusal.ts';

export type LoginOptions = Omit<ImapStoreOptions, 'credentials'> & { readonly credentials: Credentials };

export interface LoggedIn {
  readonly abilities: StoreAbilities;
}

export async function logIn(
  connection: Connection,
  pipe: CommandPipe,
  options: LoginOptions,
  broken: Set<string>,
  greetingTimeoutMs: number,
): Promise<LoggedIn> {
  pipe.redact = redactor(options.credentials);
  const greeting = await readGreeting(pipe, options, greetingTimeoutMs);
  let capabilities = capabilitiesIn(greeting) ?? (await askCapabilities(pipe));
  if (!connection.encrypted && options.security === 'starttls') {
    if (capabilities.includes('STARTTLS')) {
      await startTls(pipe, options);
      // RFC 9051 §6.2.1: what was said before TLS does not count.
      capabilities = await askCapabilities(pipe);
    } else if (!options.allowPlaintext) {
      throw new MailferryError(
        'starttls-missing',
        `${options.host}:${options.port} offers no STARTTLS, and the password is not sent in clear text`,
        { side: options.side },
      );
    }
  }
  const answer = await authenticate(pipe, options.credentials, capabilities, options);
  capabilities =
    (answer.code?.name === 'CAPABILITY' && 'capabilities' in answer.code
      ? upper(answer.code.capabilities)
      : null) ?? (await askCapabilities(pipe));
  const product = await identify(pipe, capabilities, greeting, broken);
  for (const capability of brokenByProduct(product)) broken.add(capability);
  await enable(pipe, capabilities, broken);
  return { abilities: abilitiesOf(capabilities, product, broken) };
}

const upper = (names: readonly string[]) => names.map((name) => name.toUpperCase());

function capabilitiesIn(response: ImapResponse): string[] | null {
  if (response.kind !== 'condition' || response.code === null) return null;
  return 'capabilities' in response.code ? upper(response.code.capabilities) : null;
}

async function askCapabilities(pipe: CommandPipe): Promise<string[]> {
  let capabilities: string[] = [];
  await pipe.run('CAPABILITY', [], {
    untagged: (response) => {
      if (response.kind !== 'capability') return false;
      capabilities = upper(response.capabilities);
      return true;
    },
  });
  return capabilities;
}

async function startTls(pipe: CommandPipe, options: ImapStoreOptions): Promise<void> {
  const answer = await pipe.run('STARTTLS', []);
  if (answer.status !== 'OK') {
    // RFC 9051 §6.2.1: it was offered, so this is for now (NO "TLS not available due to temporary reason").
    throw new MailferryError('server-unavailable', `the server refuses STARTTLS: ${cleanText(answer.text)}`, {
      side: options.side,
    });
  }
  await pipe.startTls();
}

async function authenticate(
  pipe: CommandPipe,
  credentials: Credentials,
  capabilities: readonly string[],
  options: LoginOptions,
): Promise<Tagged> {
  const offered = (mechanism: string) => capabilities.includes(`AUTH=${mechanism}`);
  const fail = (answer: Tagged) => loginError(answer.code, answer.text, options.side, credentials);
  let answer: Tagged;
  if (credentials.kind === 'token') {
    const token = credentials.token.reveal();
    const mechanism = credentials.mechanism ?? (offered('OAUTHBEARER') ? 'OAUTHBEARER' : 'XOAUTH2');
    const response =
      mechanism === 'XOAUTH2'
        ? xoauth2({ user: credentials.user, token })
        : oauthbearer({ user: credentials.user, token, host: options.host, port: options.port });
    if (!offered(mechanism)) {
      const either = 'AUTH=OAUTHBEARER or AUTH=XOAUTH2, one of which a login by token needs';
      throw methodMissing(options, credentials.mechanism === null ? either : `AUTH=${mechanism}`);
    }
    answer = await authenticateBy(pipe, mechanism, response, capabilities, credentials);
  } else {
    answer = await logInByPassword(pipe, credentials, capabilities, options);
  }
  if (answer.status !== 'OK') throw fail(answer);
  return answer;
}

/** ID (RFC 2971): some servers answer BAD or hang up (F-103); then it is not asked again on this host. */
async function identify(
  pipe: CommandPipe,
  capabilities: readonly string[],
  greeting: ImapResponse,
  broken: Set<string>,
): Promise<string> {
  const guess =
    greeting.kind === 'condition'
      ? (/dovecot|cyrus|courier|exchange|gimap/i.exec(greeting.text)?.[0] ?? '')
      : '';
  if (!capabilities.includes('ID') || broken.has('ID')) return guess;
  let product = guess;
  broken.add('ID');
  const answer = await pipe.run('ID', [' ("name" "Mailferry")'], {
    untagged: (response) => {
      if (response.kind !== 'id') return false;
      product = [response.fields.name, response.fields.version].filter((part) => part).join(' ') || guess;
      return true;
    },
  });
  if (answer.status === 'OK') broken.delete('ID');
  return cleanText(product);
}

/** ENABLE before the first SELECT (RFC 5161 §3.1, RFC 7162 §3.2.3). */
async function enable(
  pipe: CommandPipe,
  capabilities: readonly string[],
  broken: Set<string>,
): Promise<void> {
  if (!capabilities.includes('ENABLE') && !capabilities.includes('IMAP4REV2')) return;
  const wanted = ['QRESYNC', 'CONDSTORE'].find((name) => capabilities.includes(name) && !broken.has(name));
  if (wanted === undefined) return;
  // Until it is answered: a server that hangs up here is asked once more without it (F-103).
  broken.add(wanted);
  let enabled: readonly string[] | null = null;
  const answer = await pipe.run('ENABLE', [` ${wanted}`], {
    untagged: (response) => {
      if (response.kind !== 'enabled') return false;
      enabled = upper(response.capabilities);
      return true;
    },
  });
  // What ENABLED does not name is not in force (RFC 5161 §3.2); a server without the line is taken at its OK.
  const named = enabled as readonly string[] | null;
  if (answer.status === 'OK' && (named === null || named.includes(wanted))) broken.delete(wanted);
}
