/** `mailferry ls`: what an account holds, and what its server can do. */
import { Command } from 'commander';
import { displayName } from '../domain/mailbox-mapping.ts';
import type { QuotaResource, StoreAbilities, StoreListing } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { accountAccess } from './credentials.ts';
import { exitCode } from './exit-code.ts';
import { count, counted, fitTo, size, table } from './format.ts';
import { addTlsOptions } from './options.ts';
import { orInterrupted } from './interrupt.ts';
import { more } from './help-text.ts';

interface LsOptions {
  readonly passwordFile?: string;
  readonly tokenFile?: string;
  readonly authUser?: string;
  readonly allowPlaintext?: boolean;
  readonly caFile?: string;
  readonly tlsFingerprint?: readonly string[];
  readonly json?: boolean;
}

export function lsCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('ls')
    .description('list the mailboxes of an account, and what its server can do')
    .argument('<url>', 'imaps://user%40example.org@host[:port]')
    .option('--password-file <file>', 'password (else MAILFERRY_PASSWORD, else a prompt)')
    .option('--token-file <file>', 'OAuth token (XOAUTH2 or OAUTHBEARER)')
    .option('--auth-user <name>', 'log in as this master user, on behalf of the URL’s user');
  return addTlsOptions(command)
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry ls imaps://anna%40example.org@mail.example.org
  mailferry ls imap://anna@127.0.0.1:1143 --password-file pw --json

Exit codes: 0 listed; 2 wrong usage; 3 could not connect or log in; 130 interrupted.`),
    )
    .action(async (url: string, options: LsOptions) =>
      done(await orInterrupted(env.signal, ls(env, url, options))),
    );
}

async function ls(env: CommandEnv, url: string, options: LsOptions): Promise<number> {
  const access = await accountAccess(env, {
    what: 'the address',
    optionPrefix: '--',
    url,
    passwordFile: options.passwordFile,
    tokenFile: options.tokenFile,
    authUser: options.authUser,
    passwordVariable: 'MAILFERRY_PASSWORD',
    allowPlaintext: options.allowPlaintext === true,
    caFile: options.caFile,
    tlsFingerprint: options.tlsFingerprint ?? [],
  });
  const session = await env.openSession(access);
  try {
    const listing = await session.list();
    const quota = await session.quota();
    env.stdout.write(
      options.json === true
        ? json(listing, session.abilities, quota)
        : text(listing, session.abilities, quota, env.stdout),
    );
  } finally {
    await session.close();
  }
  return exitCode.ok;
}

function json(listing: StoreListing, abilities: StoreAbilities, quota: readonly QuotaResource[]): string {
  const mailboxes = listing.mailboxes.map((m) => ({
    mailbox: displayName(m.name),
    rawName: m.name,
    selectable: m.selectable,
    specialUse: m.specialUse,
    subscribed: m.subscribed,
    messages: m.status?.messages ?? null,
    sizeBytes: m.status?.sizeBytes ?? null,
    uidValidity: m.status?.uidValidity ?? null,
    uidNext: m.status?.uidNext ?? null,
    problem: m.problem,
  }));
  const { prefix, delimiter } = listing;
  return `${JSON.stringify({ type: 'listing', prefix, delimiter, mailboxes, quota, abilities })}\n`;
}

function text(
  listing: StoreListing,
  abilities: StoreAbilities,
  quota: readonly QuotaResource[],
  stdout: CommandEnv['stdout'],
): string {
  const rows = listing.mailboxes.map((m) => [
    displayName(m.name),
    m.specialUse.join(' '),
    m.selectable ? count(m.status?.messages ?? 0) : '-',
    m.status?.sizeBytes === null || m.status === null ? '' : size(m.status.sizeBytes),
    m.problem ?? '',
  ]);
  let out = table(['Mailbox', 'Special use', 'Messages', 'Size', ''], rows, [2, 3], fitTo(stdout, [0, 4]));
  const messages = listing.mailboxes.reduce((sum, m) => sum + (m.status?.messages ?? 0), 0);
  out += `\n${counted(messages, 'message')} in ${counted(listing.mailboxes.length, 'mailbox', 'mailboxes')}.\n`;
  for (const q of quota) {
    const show = q.name === 'STORAGE' ? size : count;
    out += `Quota ${q.name.toLowerCase()}: ${show(q.usage)} of ${show(q.limit)} used.\n`;
  }
  out += `\nServer: ${abilities.product || 'gives no name'}\n`;
  out += `Announces: ${abilities.capabilities.join(' ')}\n`;
  out += `Mailferry will use: ${uses(abilities).join('; ')}.\n`;
  return out;
}

function uses(a: StoreAbilities): string[] {
  return [
    a.multiAppend ? 'MULTIAPPEND (many messages a command)' : 'one APPEND a message',
    { plus: 'LITERAL+', minus: 'LITERAL- (up to 4096 octets)', synchronising: 'synchronising literals' }[
      a.literal
    ],
    a.uidPlus ? 'UIDPLUS' : 'no UIDPLUS: new UIDs are found by content, nothing is removed',
    a.condStore ? 'CONDSTORE (only changed flags are read)' : 'all flags are compared',
    a.listStatus ? 'LIST-STATUS (one question for all mailboxes)' : 'one STATUS a mailbox',
    a.specialUse ? 'SPECIAL-USE' : 'special folders by name',
    a.move ? 'MOVE' : 'COPY and UID EXPUNGE',
    a.binary ? 'BINARY' : 'no BINARY',
    a.appendLimitBytes === null ? 'no size limit told' : `messages up to ${size(a.appendLimitBytes)}`,
    a.notify ? 'NOTIFY' : a.idle ? 'IDLE' : 'polling',
  ];
}
