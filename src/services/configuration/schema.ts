/**
 * What a configuration may hold, with its defaults. One table for the daemon, for `mailferry config check` and for the
 * reference page, which a test compares with it. All keys are snake_case, as in the file.
 */
import { z } from 'zod';
import { doveadmForm, standardDoveadm } from '../../domain/doveadm-command.ts';
import { hostPlaceForm, hostPlaceOf, localPlaceForm, localPlaceOf } from '../../domain/host-place.ts';
import { discovery, passwordsOfOld, provisioning } from './schema-accounts.ts';
import { accessTokens, masterLogin } from './schema-logins.ts';
import { databaseUrl, filePath, hostName, isLoopback, positive } from './schema-parts.ts';

const port = z.int().min(1).max(65_535);

/** `HH:MM`, 00:00 to 23:59. */
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day like "22:00"');

/** An address, in brackets where it has colons, or a name, and a port; 0 is one that is free. */
export const listenForm =
  /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):([0-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/;

/** An address, or a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export const networkForm = /^[0-9a-fA-F.:]{2,45}(\/\d{1,3})?$/;
const networkForms = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()];

/** As `mailferry edge add` takes it. */
export const edgeNameForm = /^[\w.-]{1,100}$/;

/** One way into the new server for mail programs. Clear text is not offered: these lines cross the internet. */
const mailProgram = (what: string, implicitPort: number, startTlsPort: number) =>
  z
    .strictObject({
      host: hostName.optional().describe(what),
      port: port.optional().describe(`${implicitPort} with implicit TLS, ${startTlsPort} with STARTTLS`),
      security: z
        .enum(['implicit', 'starttls'])
        .default('implicit')
        .describe('implicit (TLS from the first octet) or starttls'),
    })
    .prefault({});

/** What all accounts together may cost one server; absent means no bound of ours. */
const limits = z.strictObject({
  connections: positive
    .default(50)
    .describe('Open connections at once, those that only wait for news included'),
  connections_per_account: positive
    .max(32)
    .default(4)
    .describe('Connections of one account at once; Dovecot allows ten for each user and address'),
  messages_per_second: positive
    .optional()
    .describe('Messages stored or read a second; no bound of ours without it'),
  bytes_per_second: positive.optional().describe('Octets of mail a second'),
  bytes_per_day: positive.optional().describe('Per calendar day of this machine'),
  window_from: timeOfDay
    .optional()
    .describe(
      'First copies run only between these times; what follows old runs always. May go over midnight',
    ),
  window_to: timeOfDay.optional().describe('The other end of that window'),
  latency_brake_ms: positive
    .default(2000)
    .describe('Above this median of a command’s time, in milliseconds, first copies slow down'),
});

/** The edge of a side within `mailferry serve`. */
const edge = z
  .strictObject({
    directory: filePath
      .optional()
      .describe(
        'Where this side’s Postfix runs on the machine of mailferry serve: an edge within it keeps its replica and ' +
          'Postfix’s table in this directory. No edge inside without it',
      ),
    peer: z
      .string()
      .regex(hostPlaceForm)
      .optional()
      .describe(
        'Where mail for accounts of the other side goes: its host, or host:port; port 25 without one',
      ),
    name: z
      .string()
      .regex(edgeNameForm)
      .optional()
      .describe('As pages and the audit log name it; the machine’s name and the side without it'),
    table: z
      .boolean()
      .default(true)
      .describe('Keeps the LMDB table for Postfix there, by Postfix’s own postmap'),
    socketmap: z
      .string()
      .regex(localPlaceForm)
      .optional()
      .describe('Answers Postfix’s questions on this port of this machine, or on this unix socket'),
    delimiters: z
      .string()
      .max(8)
      .optional()
      .describe('For socketmap: what begins an extension; as Postfix here has it without'),
    group_reads: z
      .boolean()
      .default(false)
      .describe('The group of the replica may read it, where Dovecot has to'),
    postfix: filePath
      .default('/etc/postfix')
      .describe('Configuration of this side’s Postfix on this machine, for the doctor'),
    dovecot: filePath
      .default('/etc/dovecot')
      .describe('Configuration of this side’s Dovecot on this machine, for the doctor'),
    doctor_minutes: z
      .int()
      .min(0)
      .max(1_440)
      .default(5)
      .describe('How often the doctor looks at this host, in minutes; 0: never'),
    doveadm: z
      .string()
      .regex(doveadmForm)
      .default(standardDoveadm)
      .describe(
        'Cuts sessions of revoked app passwords at Dovecot on this machine; as "sudo -n /usr/bin/doveadm" where the daemon may ' +
          'not by itself; none leaves them open',
      ),
  })
  .refine((e) => e.directory === undefined || e.peer !== undefined, {
    path: ['peer'],
    error: 'has to be given where directory is',
  })
  .refine((e) => e.directory !== undefined || (e.peer ?? e.socketmap) === undefined, {
    path: ['directory'],
    error: 'has to be given: there is no edge inside without it',
  })
  .refine((e) => e.peer === undefined || hostPlaceOf(e.peer, 25) !== null, {
    path: ['peer'],
    error: 'has no such port',
  })
  .refine((e) => e.socketmap === undefined || localPlaceOf(e.socketmap) !== null, {
    path: ['socketmap'],
    error: 'has no such port',
  });

const server = z
  .strictObject({
    host: z.string().min(1).describe('Name or address; the certificate has to bear it'),
    port: port.optional().describe('993 with implicit TLS, 143 otherwise'),
    tls: z
      .enum(['implicit', 'starttls', 'none'])
      .default('implicit')
      .describe('implicit (imaps), starttls, or none (loopback only, unless allow_plaintext)'),
    allow_plaintext: z.boolean().default(false).describe('Allows tls = "none" to another machine'),
    ca_file: filePath
      .optional()
      .describe('Certificates of the issuer, PEM; instead of those the system trusts'),
    tls_fingerprints: z
      .array(z.string().regex(/^(sha256:)?[0-9a-fA-F:]{64,95}$/))
      .default([])
      .describe('SHA-256 fingerprints of certificates that are accepted instead of a verified chain'),
    master_user: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Logs in as this name on behalf of each account, as master_login says. Without it each account needs a secret',
      ),
    master_password: z.string().min(1).optional().describe('Its password; better in a file'),
    master_password_file: filePath.optional().describe('A file whose only content is that password'),
    master_login: masterLogin,
    access_tokens: accessTokens,
    app_passwords: z
      .strictObject({
        nets: z
          .array(
            z
              .string()
              .regex(networkForm)
              .refine((net) => networkForms.some((form) => form.safeParse(net).success)),
          )
          .default([])
          .describe(
            'Where the workers log in from: each account gets a password of its own that is good from there only, once an ' +
              'edge has told Dovecot (mailferry config dovecot). Empty: there are none',
          ),
        days: positive
          .max(366)
          .default(30)
          .describe('Such a password runs out after so long; another one is made in time'),
      })
      .prefault({}),
    edge: edge.prefault({}),
    limits: limits.prefault({}),
  })
  .refine((s) => s.tls !== 'none' || s.allow_plaintext || isLoopback(s.host), {
    path: ['tls'],
    error:
      '"none" sends passwords in clear text: use "starttls", or set allow_plaintext = true if the line is safe',
  })
  .refine((s) => (s.limits.window_from === undefined) === (s.limits.window_to === undefined), {
    path: ['limits', 'window_from'],
    error: 'window_from and window_to go together',
  });

const oldServer = server.safeExtend({ passwords: passwordsOfOld, discovery });
const newServer = server.safeExtend({ provisioning });

export const configurationSchema = z
  .strictObject({
    database: z
      .strictObject({
        url: databaseUrl
          .default('/var/lib/mailferry/mailferry.sqlite')
          .describe('A path of a SQLite file, or postgres://user@host/database'),
        password: z.string().min(1).optional().describe('Password of the database user; better in a file'),
        password_file: filePath.optional().describe('A file whose only content is that password'),
      })
      .prefault({}),
    secrets: z
      .strictObject({
        key_file: filePath
          .default('/etc/mailferry/key')
          .describe(
            'Holds the key that passwords in the database are encrypted with; made by mailferry init, mode 0600',
          ),
      })
      .prefault({}),
    control: z
      .strictObject({
        listen: z
          .string()
          .regex(listenForm)
          .default('127.0.0.1:8420')
          .describe('Address and port that the API is served on'),
        token_file: filePath
          .default('/etc/mailferry/operator.token')
          .describe("Holds the operator's token for the API; made by mailferry init, mode 0600"),
        public_url: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe('As people reach the portal through a proxy in front; links in mails begin with it'),
        trusted_proxies: z
          .array(
            z
              .string()
              .regex(networkForm)
              .refine((text) => networkForms.some((form) => form.safeParse(text).success), {
                error: 'is neither an address nor a network like "10.0.0.0/8"',
              })
              // Whoever connects could say to be anybody, and try as many passwords as they like.
              .refine((text) => !text.endsWith('/0'), { error: 'would trust everybody' }),
          )
          .max(100)
          .default(['127.0.0.0/8', '::1'])
          .describe('Proxies whose X-Forwarded-For, -Proto and -Host are believed; empty: nobody’s'),
      })
      .prefault({}),
    mail: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .optional()
          .describe('Server that mails to owners go through; none are sent without it'),
        port: port.optional().describe('465 with implicit TLS, 587 otherwise'),
        tls: z
          .enum(['implicit', 'starttls', 'none'])
          .default('starttls')
          .describe('none is for a server on this machine only'),
        user: z.string().min(1).optional().describe('Logs in as this name'),
        password: z.string().min(1).optional().describe('Its password; better in a file'),
        password_file: filePath.optional().describe('A file whose only content is that password'),
        from: z.string().min(3).optional().describe('Sender, such as "Example Mail <help@example.org>"'),
        locale: z
          .enum(['de', 'en'])
          .default('en')
          .describe('Language of mails to owners who never logged in to the portal'),
      })
      .refine((m) => m.host === undefined || m.from !== undefined, {
        path: ['from'],
        error: 'has to be given where mail.host is',
      })
      .refine((m) => m.tls !== 'none' || m.host === undefined || isLoopback(m.host), {
        path: ['tls'],
        error: '"none" sends mails and passwords in clear text: use "starttls"',
      })
      .prefault({}),
    mail_programs: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .max(64)
          .regex(/^[^\p{Cc}\p{Cf}]*$/u)
          .optional()
          .describe('Of the provider, as a device names the account: "Example Mail"'),
        imap: mailProgram('IMAP of new, as owners type it in; without it no settings are shown', 993, 143),
        submission: mailProgram('Server that their programs send through', 465, 587),
        pop3: mailProgram('POP3 of new; not shown without it', 995, 110),
      })
      .refine((m) => m.imap.host === undefined || m.submission.host !== undefined, {
        path: ['imap', 'host'],
        error: 'needs submission.host beside it: a program that cannot send is half set up',
      })
      .refine((m) => m.imap.host !== undefined || m.submission.host === undefined, {
        path: ['submission', 'host'],
        error: 'needs mail_programs.imap.host beside it',
      })
      .refine((m) => m.imap.host !== undefined || m.pop3.host === undefined, {
        path: ['pop3', 'host'],
        error: 'needs mail_programs.imap.host beside it',
      })
      .prefault({}),
    worker: z
      .strictObject({
        copies_at_once: positive
          .max(256)
          .default(8)
          .describe('First copies at the same time; accounts that are in step are not counted'),
        polling_seconds: positive
          .default(30)
          .describe('How often accounts are asked for news where the server offers neither NOTIFY nor IDLE'),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged'),
        format: z.enum(['json', 'text']).default('json').describe('Lines of JSON, or of text for a person'),
      })
      .prefault({}),
    old: oldServer,
    new: newServer,
  })
  .refine(
    (all) => all.new.edge.directory === undefined || all.new.edge.directory !== all.old.edge.directory,
    {
      path: ['new', 'edge', 'directory'],
      error: 'is that of old.edge: each has one of its own',
    },
  )
  .refine(
    ({ new: { provisioning: set }, mail, control }) =>
      set.password_mails === 0 || (mail.host !== undefined && control.public_url !== undefined),
    {
      path: ['new', 'provisioning', 'password_mails'],
      error: 'needs mail.host, and control.public_url: the mail names the portal',
    },
  );

export type Configuration = z.output<typeof configurationSchema>;
/** What both sides have. */
export type ServerConfiguration = z.output<typeof server>;

/** Keys whose value is a secret; each has a `_file` twin. */
export const secretKeys: readonly (readonly [section: string, key: string])[] = [
  ['database', 'password'],
  ['old', 'master_password'],
  ['new', 'master_password'],
  ['mail', 'password'],
  ['old.passwords', 'password'],
  ['old.discovery', 'password'],
  ['new.provisioning', 'api_key'],
];
