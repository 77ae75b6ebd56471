/**
 * A real Dovecot (2.3 of Debian 12) with its own directory, configuration, log and ports, as root or not. It never
 * reads /etc/dovecot and never touches a Dovecot that runs on this machine for another purpose.
 */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type KeyPair, labCertificates } from './certificates.ts';
import { newLabDirectory, removeLabDirectory } from './lab-directory.ts';
import { freePorts } from './ports.ts';
import { type ServerProcess, startServerProcess, waitForGreeting } from './server-process.ts';

export interface LabUser {
  readonly name: string;
  readonly password: string;
}

export interface DovecotOptions {
  readonly users: readonly LabUser[];
  /** Default: a new directory below the system's temporary one, removed by `stop()`. A given one is left in place. */
  readonly dir?: string;
  /** True: mail_fsync=optimized, as on a real server. Default false: tests care about bytes, not about power cuts. */
  readonly fsync?: boolean;
  /** Default 'maildir' (Maildir++). 'maildir-fs' keeps mailboxes as nested directories. */
  readonly mailFormat?: 'maildir' | 'maildir-fs' | 'sdbox' | 'mdbox';
  /** The personal namespace's prefix, such as "INBOX."; default none. */
  readonly namespacePrefix?: string;
  /** Default "/". */
  readonly separator?: '/' | '.';
  /** Attribute by mailbox name in plain UTF-8, below the prefix: `{ Entwürfe: '\\Drafts' }`. */
  readonly specialUse?: Readonly<Record<string, string>>;
  /** Octets; a larger APPEND is refused. */
  readonly maxMailSize?: number;
  /** As Dovecot writes it: '10M', '*' messages. */
  readonly quota?: { readonly storage?: string; readonly messages?: number };
  /** What is announced; Dovecot takes non-synchronising literals all the same. Default 'plus'. */
  readonly literal?: 'plus' | 'minus' | 'synchronising';
  /** Capabilities not announced, such as MULTIAPPEND or UIDPLUS. (Dovecot would still do them.) */
  readonly hideCapabilities?: readonly string[];
  /** Capabilities announced on top. */
  readonly addCapabilities?: readonly string[];
  /** The whole capability line; overrides the three above. */
  readonly imapCapability?: string;
  /** Old's passwords are kept hashed, as servers of today have them; without it in clear, which costs a login least. */
  readonly hashed?: boolean;
  /** Logs in as `user*name` with this password. */
  readonly masterUser?: LabUser;
  /** Default the lab's good certificate; false: neither STARTTLS nor an implicit port. */
  readonly tls?: false | KeyPair;
  /** LOGINDISABLED until STARTTLS. Default false. */
  readonly requireTls?: boolean;
  readonly lmtp?: boolean;
  readonly pop3?: boolean;
  readonly sieve?: boolean;
  /** Submission by Dovecot, which hands mail on to this port of this machine. */
  readonly submitTo?: number;
  /**
   * As Debian lays it out: the site's databases in conf.d/10-auth.conf, so that files may come before and after them. Each password
   * that they find good goes on to the passdbs behind (`continue-ok`).
   */
  readonly goesOn?: boolean;
  /** IMAP METADATA on. */
  readonly metadata?: boolean;
  readonly maxKeywordLength?: number;
  /** Dovecot's own default is 10; here 100 unless asked. */
  readonly maxUserConnections?: number;
  /** Each user's mail under a uid of its own (root only): inotify instances are counted per uid. */
  readonly spreadUids?: boolean;
  /** The zone that the server believes to be in, such as Europe/Berlin. Default UTC. */
  readonly zone?: string;
  /** Any further configuration, verbatim, at the end. */
  readonly extra?: string;
}

export interface Dovecot {
  readonly host: '127.0.0.1';
  readonly imapPort: number;
  /** 0 without TLS. */
  readonly imapsPort: number;
  readonly lmtpPort: number | null;
  readonly pop3Port: number | null;
  /** Implicit TLS; 0 without TLS or POP3. */
  readonly pop3sPort: number;
  readonly sievePort: number | null;
  readonly submissionPort: number | null;
  readonly dir: string;
  readonly configFile: string;
  readonly namespacePrefix: string;
  readonly separator: '/' | '.';
  /** The user's mail root: for Maildir++ the directory with cur, new and tmp of INBOX. */
  mailDir(user: string): string;
  /** Who must own files written below `mailDir`. */
  mailOwner(user: string): { readonly uid: number; readonly gid: number };
  doveadm(args: readonly string[], input?: Uint8Array | string): Promise<string>;
  /** Ends all sessions of one user. */
  kick(user: string): Promise<void>;
  log(): string;
  /** Stops and starts again on the same ports with the same mail. `hard`: SIGKILL to all its processes first. */
  restart(how?: { readonly hard?: boolean }): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What Dovecot 2.3.19 announces after login without plugins, without the literal extension. */
const capabilitiesOfDovecot =
  'IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS ' +
  'THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED ' +
  'I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE ' +
  'SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE NOTIFY SPECIAL-USE';

/**
 * For `extra`: an address that failed to log in does not wait longer each time, up to 15 s, whoever comes from it next.
 * Tests with wrong passwords all come from one.
 */
export const noPenalty = 'service anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n';

const isRoot = process.getuid?.() === 0;
/** Debian's `nobody`: exists everywhere and owns nothing. Dovecot refuses to serve mail as root. */
const nobody = { uid: 65_534, gid: 65_534 };
/** First of the uids used by `spreadUids`; they need no entry in /etc/passwd. */
const firstSpreadUid = 52_000;
const startDeadlineMs = 15_000;
/** Another process may take a port between our asking and Dovecot's binding. */
const startAttempts = 4;

/** Whether Dovecot's IMAP server is installed; a test that needs it says so instead of failing strangely. */
export function dovecotIsInstalled(): boolean {
  return existsSync('/usr/sbin/dovecot') && existsSync('/usr/lib/dovecot/imap');
}

export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const dir = options.dir ?? newLabDirectory('dovecot');
  mkdirSync(dir, { recursive: true });
  if (isRoot) chmodSync(dir, 0o755);
  // Unix sockets live in base_dir, and their paths may have 107 octets only.
  const runDir = dir.length < 70 ? join(dir, 'run') : newLabDirectory('run');
  const configFile = join(dir, 'dovecot.conf');
  const logFile = join(dir, 'dovecot.log');

  const ownerOf = (user: string) => {
    if (!isRoot) return { uid: userInfo().uid, gid: userInfo().gid };
    const index = options.users.findIndex(({ name }) => name === user);
    return options.spreadUids === true ? { uid: firstSpreadUid + index, gid: nobody.gid } : nobody;
  };
  const homeOf = (user: string) => join(dir, 'mail', user);
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'latin1') : '');

  writeUsers(dir, options, ownerOf, homeOf);
  if (options.goesOn === true) {
    mkdirSync(join(dir, 'conf.d'), { recursive: true });
    writeFileSync(join(dir, 'conf.d/10-auth.conf'), `${databases(dir, true)}\n`);
  }

  let ports: Ports = { imap: 0, imaps: 0, lmtp: 0, pop3: 0, pop3s: 0, sieve: 0, submission: 0 };
  let server: ServerProcess | null = null;
  const launch = async () => {
    const started = startServerProcess({
      command: '/usr/sbin/dovecot',
      args: ['-F', '-c', configFile],
      env: { TZ: options.zone ?? 'UTC' },
    });
    server = started;
    const failed = () =>
      started.exitStatus() === null
        ? null
        : `Dovecot ended (${started.exitStatus()}): ${started.output()}${log().slice(-4_000)}`;
    try {
      await waitForGreeting(ports.imap, startDeadlineMs, failed);
    } catch (error) {
      await started.stop();
      throw error;
    }
  };
  const stop = async () => {
    // A clean end takes Dovecot a second; where its directory goes as well, there is nothing to end cleanly.
    await (options.dir === undefined ? server?.kill() : server?.stop());
    server = null;
    if (options.dir === undefined) removeLabDirectory(dir);
    if (runDir !== join(dir, 'run')) removeLabDirectory(runDir);
  };

  for (let attempt = 1; ; attempt++) {
    const [imap = 0, imaps = 0, lmtp = 0, pop3 = 0, pop3s = 0, sieve = 0, submission = 0] =
      await freePorts(7);
    ports = { imap, imaps, lmtp, pop3, pop3s, sieve, submission };
    writeFileSync(configFile, configuration(options, ports, dir, runDir));
    try {
      await launch();
      break;
    } catch (error) {
      if (attempt < startAttempts && String(error).includes('Address already in use')) continue;
      if (options.dir === undefined) removeLabDirectory(dir);
      throw error;
    }
  }

  const doveadm = (args: readonly string[], input?: Uint8Array | string) =>
    run('/usr/bin/doveadm', ['-c', configFile, ...args], input);
  return {
    host: '127.0.0.1',
    imapPort: ports.imap,
    imapsPort: options.tls === false ? 0 : ports.imaps,
    lmtpPort: options.lmtp === true ? ports.lmtp : null,
    pop3Port: options.pop3 === true ? ports.pop3 : null,
    pop3sPort: options.pop3 === true && options.tls !== false ? ports.pop3s : 0,
    sievePort: options.sieve === true ? ports.sieve : null,
    submissionPort: options.submitTo === undefined ? null : ports.submission,
    dir,
    configFile,
    namespacePrefix: options.namespacePrefix ?? '',
    separator: options.separator ?? '/',
    mailDir: (user) => join(homeOf(user), 'mail'),
    mailOwner: ownerOf,
    doveadm,
    kick: async (user) => {
      await doveadm(['kick', user]).catch((error: unknown) => {
        // Exit code 68: there was no session to end.
        if ((error as { code?: unknown }).code !== 68) throw error;
      });
    },
    log,
    restart: async (how = {}) => {
      await (how.hard === true ? server?.kill() : server?.stop());
      await launch();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Ports {
  readonly imap: number;
  readonly imaps: number;
  readonly lmtp: number;
  readonly pop3: number;
  readonly pop3s: number;
  readonly sieve: number;
  readonly submission: number;
}

function writeUsers(
  dir: string,
  options: DovecotOptions,
  ownerOf: (user: string) => { uid: number; gid: number },
  homeOf: (user: string) => string,
): void {
  const lines = options.users.map(({ name, password }) => {
    const { uid, gid } = ownerOf(name);
    const home = homeOf(name);
    mkdirSync(join(home, 'mail'), { recursive: true });
    if (isRoot) {
      chownSync(home, uid, gid);
      chownSync(join(home, 'mail'), uid, gid);
    }
    const kept = options.hashed === true ? hashOf(password) : `{PLAIN}${password}`;
    return `${name}:${kept}:${uid}:${gid}::${home}::\n`;
  });
  writeFileSync(join(dir, 'users'), lines.join(''));
  const master = options.masterUser;
  writeFileSync(
    join(dir, 'masters'),
    master === undefined ? '' : `${master.name}:{PLAIN}${master.password}\n`,
  );
}

function hashOf(password: string): string {
  const made = spawnSync('/usr/bin/doveadm', ['pw', '-s', 'SHA512-CRYPT', '-p', password], {
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`doveadm pw: ${made.stderr}`);
  return made.stdout.trim();
}

function configuration(options: DovecotOptions, ports: Ports, dir: string, runDir: string): string {
  const layout: Record<NonNullable<DovecotOptions['mailFormat']>, string> = {
    maildir: 'maildir:~/mail',
    'maildir-fs': 'maildir:~/mail:LAYOUT=fs',
    sdbox: 'sdbox:~/mail',
    mdbox: 'mdbox:~/mail',
  };
  const protocols = [
    'imap',
    ...(options.lmtp === true ? ['lmtp'] : []),
    ...(options.pop3 === true ? ['pop3'] : []),
    ...(options.sieve === true ? ['sieve'] : []),
    ...(options.submitTo === undefined ? [] : ['submission']),
  ];
  const me = userInfo().username;
  const listener = (name: string, port: number, more = '') =>
    `  inet_listener ${name} {\n    address = 127.0.0.1\n    port = ${port}\n    ${more}\n  }`;
  const quota = quotaSettings(options);
  const capability = capabilitySetting(options);

  return `# Written by the lab; Dovecot 2.3.
base_dir = ${runDir}
state_dir = ${runDir}
log_path = ${join(dir, 'dovecot.log')}
instance_name = ${runDir}
protocols = ${protocols.join(' ')}
listen = 127.0.0.1
${isRoot ? '' : `default_login_user = ${me}\ndefault_internal_user = ${me}\ndefault_internal_group = ${groupName()}`}
disable_plaintext_auth = ${options.requireTls === true ? 'yes' : 'no'}
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_chars =
auth_master_user_separator = *
mail_location = ${layout[options.mailFormat ?? 'maildir']}
mail_fsync = ${options.fsync === true ? 'optimized' : 'never'}
mail_max_userip_connections = ${options.maxUserConnections ?? 100}
mail_max_keyword_length = ${options.maxKeywordLength ?? 50}
first_valid_uid = 1
imap_literal_minus = ${options.literal === 'minus' ? 'yes' : 'no'}
${capability === null ? '' : `imap_capability = ${capability}`}
${tlsSettings(options)}
mail_plugins = ${quota === '' ? '' : 'quota'}
protocol imap {
  mail_plugins = ${quota === '' ? '' : 'quota imap_quota'}
  ${options.metadata === true ? 'imap_metadata = yes' : ''}
}
${options.metadata === true ? 'mail_attribute_dict = file:%h/attributes' : ''}
plugin {
${quota}
}
!include_try ${dir}/conf.d/*.conf
${options.goesOn === true ? '' : databases(dir, false)}
namespace inbox {
  inbox = yes
  prefix = ${options.namespacePrefix ?? ''}
  separator = ${options.separator ?? '/'}
${Object.entries(options.specialUse ?? {})
  .map(([name, use]) => `  mailbox "${name}" {\n    special_use = ${use}\n    auto = no\n  }`)
  .join('\n')}
}
service imap-login {
${listener('imap', ports.imap)}
${options.tls === false ? '  inet_listener imaps {\n    port = 0\n  }' : listener('imaps', ports.imaps, 'ssl = yes')}
  # One process for all logins: tests open many connections, and a fork for each is what they would measure.
  service_count = 0
  client_limit = 1000
  ${isRoot ? '' : 'chroot ='}
}
service imap {
  process_limit = 512
}
${options.pop3 === true ? `service pop3-login {\n${listener('pop3', ports.pop3)}\n${options.tls === false ? '  inet_listener pop3s {\n    port = 0\n  }' : listener('pop3s', ports.pop3s, 'ssl = yes')}\n  ${isRoot ? '' : 'chroot ='}\n}` : ''}
${options.sieve === true ? `service managesieve-login {\n${listener('sieve', ports.sieve)}\n  ${isRoot ? '' : 'chroot ='}\n}` : ''}
${options.submitTo === undefined ? '' : `service submission-login {\n${listener('submission', ports.submission)}\n  inet_listener submissions {\n    port = 0\n  }\n  ${isRoot ? '' : 'chroot ='}\n}\nsubmission_relay_host = 127.0.0.1\nsubmission_relay_port = ${options.submitTo}\nhostname = mail.example.org`}
${options.lmtp === true ? `service lmtp {\n${listener('lmtp', ports.lmtp)}\n}` : ''}
${isRoot ? '' : 'service anvil {\n  chroot =\n}\nservice stats {\n  chroot =\n}'}
service stats {
  # Sessions run as the mail's owner; without this each of them logs that it may not write statistics.
  unix_listener stats-writer {
    mode = 0666
  }
}
${options.extra ?? ''}
`;
}

function databases(dir: string, goesOn: boolean): string {
  return `passdb {
  driver = passwd-file
  args = username_format=%u ${join(dir, 'masters')}
  master = yes
  result_success = continue
}
passdb {
  driver = passwd-file
  args = username_format=%u ${join(dir, 'users')}
${goesOn ? '  result_success = continue-ok\n' : ''}}
userdb {
  driver = passwd-file
  args = username_format=%u ${join(dir, 'users')}
}`;
}

function capabilitySetting(options: DovecotOptions): string | null {
  if (options.imapCapability !== undefined) return options.imapCapability;
  const hidden = new Set(options.hideCapabilities ?? []);
  if (options.literal === 'synchronising') hidden.add('LITERAL+');
  const added = options.addCapabilities ?? [];
  if (hidden.size === 0) return added.length === 0 ? null : `+${added.join(' ')}`;
  const literal = options.literal === 'minus' ? 'LITERAL-' : 'LITERAL+';
  const all = [...capabilitiesOfDovecot.split(' '), literal, ...added];
  return all.filter((name) => !hidden.has(name)).join(' ');
}

function quotaSettings({ quota, maxMailSize }: DovecotOptions): string {
  if (quota === undefined && maxMailSize === undefined) return '';
  const lines = ['  quota = count:User quota', '  quota_vsizes = yes'];
  if (quota?.storage !== undefined || quota?.messages !== undefined) {
    const rule = [
      ...(quota.storage === undefined ? [] : [`storage=${quota.storage}`]),
      ...(quota.messages === undefined ? [] : [`messages=${quota.messages}`]),
    ];
    lines.push(`  quota_rule = *:${rule.join(':')}`, '  quota_grace = 0');
  }
  if (maxMailSize !== undefined) lines.push(`  quota_max_mail_size = ${maxMailSize}B`);
  return lines.join('\n');
}

function tlsSettings(options: DovecotOptions): string {
  if (options.tls === false) return 'ssl = no';
  const { cert, key } = options.tls ?? labCertificates().good;
  return `ssl = yes\nssl_cert = <${cert}\nssl_key = <${key}`;
}

function groupName(): string {
  const gid = String(userInfo().gid);
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.split(':')[2] === gid);
  return line?.split(':')[0] ?? gid;
}

function run(command: string, args: readonly string[], input?: Uint8Array | string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { encoding: 'utf8', maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(
            Object.assign(new Error(`${command} ${args.join(' ')}: ${stderr || error.message}`), {
              code: error.code,
            }),
          );
      },
    );
    // It may end without having read.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}
