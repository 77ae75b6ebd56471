/**
 * A real Postfix in a directory of its own: port, queue, log and configuration are its own, and it ends by its pid. It is
 * a mail host as a provider has one: virtual mailboxes, delivered by LMTP. Needs root, as Postfix does.
 */
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyPair, labCertificates } from './certificates.ts';
import { removeLabDirectory } from './lab-directory.ts';
import { freePorts } from './ports.ts';
import { startServerProcess, waitForGreeting } from './server-process.ts';

export interface PostfixOptions {
  /** Default: a new directory below the system's temporary one. `stop()` removes it either way. */
  readonly dir?: string;
  /** Its name in greetings and Received lines. */
  readonly name: string;
  /** Of Dovecot, on this machine. */
  readonly lmtpPort: number;
  /** Whose mailboxes it has. */
  readonly domain: string;
  readonly otherDomains?: readonly string[];
  /** Local parts of its mailboxes. */
  readonly mailboxes: readonly string[];
  /** Lines of virtual_alias_maps, `address target`. */
  readonly aliases?: readonly string[];
  /** The address that it listens on and sends from, in 127/8: its peer knows it by that. */
  readonly address?: string;
  /** Whether its processes run in a chroot, as they do on Debian. */
  readonly chroot?: boolean;
  /**
   * Its users send by a service of its own, with the password of the Dovecot beside it and STARTTLS: as Debian's master.cf
   * has it in comments. Other hosts get STARTTLS on the usual port.
   */
  readonly submission?: boolean;
  /** Lines of /etc/hosts within its chroot. */
  readonly hosts?: readonly string[];
  /** More lines of main.cf. */
  readonly extra?: string;
}

export interface Postfix {
  readonly name: string;
  readonly configDirectory: string;
  readonly address: string;
  readonly port: number;
  /** 0 where it has no submission. */
  readonly submissionPort: number;
  /** Where it asks Dovecot for passwords. */
  readonly saslSocket: string;
  /** A tool of Postfix with this configuration; gives what it printed, and rejects where it fails. */
  run(
    tool: 'postconf' | 'postqueue' | 'postmap' | 'postsuper' | 'postfix',
    ...args: string[]
  ): Promise<string>;
  /** Messages that are queued, as `postqueue -j` tells them. */
  queue(): Promise<Record<string, unknown>[]>;
  log(): string;
  /** Adds mailboxes; in force at once. */
  setMailboxes(locals: readonly string[]): Promise<void>;
  /** Stops it and starts it again; `meanwhile` it is away. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const startDeadlineMs = 20_000;

export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'mf-postfix-'));
  mkdirSync(dir, { recursive: true });
  // Its processes give up root and have to pass.
  chmodSync(dir, 0o755);
  const configDirectory = join(dir, 'etc');
  const { address = '127.0.0.1' } = options;
  const [port = 0, secondPort = 0] = await freePorts(2);
  const submissionPort = options.submission === true ? secondPort : 0;
  for (const name of ['etc', 'queue', 'queue/etc', 'data', 'log']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'queue/etc/hosts'), (options.hosts ?? []).map((line) => `${line}\n`).join(''));
  const { uid, gid } = statSync('/var/lib/postfix');
  chownSync(join(dir, 'data'), uid, gid);
  writeFileSync(join(configDirectory, 'main.cf'), mainCf(dir, address, options));
  writeFileSync(
    join(configDirectory, 'master.cf'),
    masterCf(address, port, submissionPort, options.chroot === true),
  );
  writeFileSync(join(configDirectory, 'aliases'), `${(options.aliases ?? []).join('\n')}\n`);

  const run: Postfix['run'] = (tool, ...args) => runTool(configDirectory, tool, args);
  const setMailboxes = async (locals: readonly string[]) => {
    const file = join(configDirectory, 'mailboxes');
    const lines = domainsOf(options).flatMap((domain) =>
      locals.map((local) => `${/^[\p{L}\p{N}_.-]+$/u.test(local) ? local : `"${local}"`}@${domain} here\n`),
    );
    writeFileSync(file, lines.join(''));
    await run('postmap', `lmdb:${file}`);
  };
  const log = () => {
    try {
      return readFileSync(join(dir, 'log', 'mail.log'), 'latin1');
    } catch {
      return '';
    }
  };
  try {
    await setMailboxes(options.mailboxes);
    await run('postmap', `lmdb:${join(configDirectory, 'aliases')}`);
    await run('postfix', 'check');
    const master = join((await run('postconf', '-h', 'daemon_directory')).trim(), 'master');
    // The master changes its user, and with that loses the kernel's promise to end it when we die: the shell keeps it.
    const keeper = '"$0" "$@" & master=$!; trap "kill $master" TERM; wait $master; wait $master';
    const launch = async () => {
      const started = startServerProcess({
        command: 'sh',
        args: ['-c', keeper, master, '-c', configDirectory, '-d'],
      });
      try {
        await waitForGreeting(
          port,
          startDeadlineMs,
          () => started.exitStatus() && `postfix: ${started.exitStatus()}\n${started.output()}\n${log()}`,
          address,
        );
      } catch (error) {
        await started.stop();
        throw error;
      }
      return started;
    };
    let server = await launch();
    return {
      name: options.name,
      configDirectory,
      address,
      port,
      submissionPort,
      saslSocket: join(dir, 'queue/private/auth'),
      run,
      queue: async () =>
        (await run('postqueue', '-j'))
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      log,
      setMailboxes,
      restart: async (meanwhile = async () => {}) => {
        await server.stop();
        await meanwhile();
        server = await launch();
      },
      stop: async () => {
        await server.stop();
        removeLabDirectory(dir);
      },
    };
  } catch (error) {
    removeLabDirectory(dir);
    throw error;
  }
}

function runTool(configDirectory: string, tool: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      tool,
      ['-c', configDirectory, ...args],
      { timeout: 30_000, maxBuffer: 1 << 26 },
      (error, out, err) => {
        if (error === null) resolve(out);
        else reject(new Error(`${tool} ${args.join(' ')}: ${error.message}\n${err}`));
      },
    );
  });
}

const domainsOf = ({ domain, otherDomains = [] }: PostfixOptions): string[] => [domain, ...otherDomains];

function mainCf(dir: string, address: string, options: PostfixOptions): string {
  const { name, lmtpPort, extra = '' } = options;
  return `compatibility_level = 3.6
queue_directory = ${dir}/queue
data_directory = ${dir}/data
maillog_file = ${dir}/log/mail.log
maillog_file_prefixes = ${dir}
syslog_name = postfix
myhostname = ${name}
mydestination =
mynetworks =
inet_interfaces = all
inet_protocols = ipv4
smtp_bind_address = ${address}
virtual_mailbox_domains = ${domainsOf(options).join(', ')}
virtual_mailbox_maps = lmdb:${dir}/etc/mailboxes
virtual_alias_maps = lmdb:${dir}/etc/aliases
virtual_transport = lmtp:inet:127.0.0.1:${lmtpPort}
alias_maps =
recipient_delimiter = +
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
lmtp_destination_recipient_limit = 20
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
${options.submission === true ? forSubmission(labCertificates().mailHosts) : ''}
${extra}
`;
}

const forSubmission = ({ cert, key }: KeyPair): string => `smtpd_tls_cert_file = ${cert}
smtpd_tls_key_file = ${key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtp_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
mua_client_restrictions =
mua_helo_restrictions =
mua_sender_restrictions =
`;

/** As in Debian's master.cf. */
const submissionOptions = [
  'syslog_name=postfix/submission',
  'smtpd_tls_security_level=encrypt',
  'smtpd_sasl_auth_enable=yes',
  'smtpd_tls_auth_only=yes',
  'smtpd_reject_unlisted_recipient=no',
  'smtpd_client_restrictions=$mua_client_restrictions',
  'smtpd_helo_restrictions=$mua_helo_restrictions',
  'smtpd_sender_restrictions=$mua_sender_restrictions',
  'smtpd_recipient_restrictions=',
  'smtpd_relay_restrictions=permit_sasl_authenticated,reject',
  'milter_macro_daemon_name=ORIGINATING',
].map((option) => `  -o ${option}`);

/** In a chroot as on Debian, or nothing, as with \`postfix\` from source. */
function masterCf(address: string, port: number, submissionPort: number, chroot: boolean): string {
  const services = [
    `${address}:${port} inet n - n - - smtpd`,
    ...(submissionPort === 0
      ? []
      : [`${address}:${submissionPort} inet n - n - - smtpd`, ...submissionOptions]),
    'pickup unix n - n 2 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'lmtp unix - - n - - lmtp',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
  ];
  const jailed =
    /^(\S+ (?:inet|unix) \S+ \S+) n (.*(?:smtpd|cleanup|trivial-rewrite|bounce|verify|smtp|lmtp|qmgr))$/;
  return `${services.map((line) => (chroot ? line.replace(jailed, '$1 y $2') : line)).join('\n')}\n`;
}
