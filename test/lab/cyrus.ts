/**
 * A real Cyrus (3.6 of Debian 12) from the lab's cache. Debian's package conflicts with Dovecot's, hence unpacked.
 * Passwords are checked by us: Cyrus asks "saslauthd" over a Unix socket, and what listens there is this process.
 * Cyrus logs to syslog only; where the machine has none, its messages are lost.
 */
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { LabUser } from './dovecot.ts';
import { newLabDirectory, removeLabDirectory } from './lab-directory.ts';
import { freePort } from './ports.ts';
import { type ServerProcess, startServerProcess, waitForGreeting } from './server-process.ts';
import { labIdentity, unpackedServer } from './unpacked-server.ts';

export interface CyrusOptions {
  /** Names without @: virtual domains are off. INBOX is created at the first login. */
  readonly users: readonly LabUser[];
  /** False: netnews style names, "INBOX.Sent" with ".". Default true: "Sent" with "/". */
  readonly altNamespace?: boolean;
  /** Octets. */
  readonly maxMessageSize?: number;
  /** The zone that the server believes to be in, such as Europe/Berlin. Default UTC. */
  readonly zone?: string;
  /** Further lines of imapd.conf. */
  readonly extra?: string;
}

export interface Cyrus {
  readonly host: '127.0.0.1';
  readonly imapPort: number;
  readonly dir: string;
  log(): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Recovering its databases takes Cyrus about a second at each start. */
const startDeadlineMs = 20_000;
const startAttempts = 4;

export async function startCyrus(options: CyrusOptions): Promise<Cyrus> {
  const identity = labIdentity();
  const dir = newLabDirectory('cyrus');
  const cyrus = unpackedServer('cyrus', dir);
  const inDir = (...parts: string[]) => join(dir, ...parts);
  const folders = ['conf', 'conf/db', 'conf/socket', 'conf/proc', 'conf/lock', 'conf/ptclient', 'spool'];
  for (const folder of folders) mkdirSync(inDir(folder));
  for (const folder of ['.', ...folders]) chownSync(inDir(folder), identity.uid, identity.gid);
  writeFileSync(inDir('imapd.conf'), imapdConf(options, dir, identity.user));

  const passwords = await answerPasswords(inDir('mux'), options.users);
  let server: ServerProcess | null = null;
  let port = 0;
  const launch = async () => {
    const started = startServerProcess({
      command: cyrus.path('usr/lib/cyrus/bin/master'),
      args: ['-D', '-C', inDir('imapd.conf'), '-M', inDir('cyrus.conf'), '-p', inDir('master.pid')],
      env: { ...cyrus.env, CYRUS_VERBOSE: '1', TZ: options.zone ?? 'UTC' },
      identity,
      // Left alone, its master turns in circles at SIGTERM instead of ending; without it, imapd ends after five seconds.
      orphanSignal: 'SIGKILL',
    });
    server = started;
    const failed = () =>
      started.exitStatus() === null ? null : `Cyrus ended (${started.exitStatus()}): ${started.output()}`;
    await waitForGreeting(port, startDeadlineMs, failed).catch(async (error: unknown) => {
      await started.stop();
      throw error;
    });
  };
  const stop = async () => {
    await server?.kill();
    server = null;
    await new Promise((resolve) => passwords.close(resolve));
    removeLabDirectory(dir);
  };

  for (let attempt = 1; ; attempt++) {
    port = await freePort();
    writeFileSync(inDir('cyrus.conf'), cyrusConf(cyrus.path('usr/lib/cyrus/bin'), inDir('imapd.conf'), port));
    try {
      await launch();
      break;
    } catch (error) {
      // It ends at once when its port was taken meanwhile; anything else would fail again.
      if (attempt < startAttempts && String(error).includes('Cyrus ended')) continue;
      await stop();
      throw error;
    }
  }
  return {
    host: '127.0.0.1',
    imapPort: port,
    dir,
    log: () => server?.output() ?? '',
    restart: async () => {
      await server?.stop();
      rmSync(inDir('master.pid'), { force: true });
      await launch();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function imapdConf(options: CyrusOptions, dir: string, user: string): string {
  const alternative = options.altNamespace !== false;
  return `configdirectory: ${dir}/conf
defaultpartition: default
partition-default: ${dir}/spool
proc_path: ${dir}/conf/proc
mboxname_lockpath: ${dir}/conf/lock
cyrus_user: ${user}
admins: cyrusadmin
servername: localhost
virtdomains: off
altnamespace: ${alternative ? 'yes' : 'no'}
unixhierarchysep: ${alternative ? 'yes' : 'no'}
allowplaintext: yes
sasl_mech_list: PLAIN LOGIN
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: ${dir}/mux
autocreate_users: anyone
autocreate_quota: 0
sendmail: /bin/true
${options.maxMessageSize === undefined ? '' : `maxmessagesize: ${options.maxMessageSize}`}
${options.extra ?? ''}
`;
}

function cyrusConf(programs: string, imapdConfPath: string, port: number): string {
  return `START {
  recover cmd="${programs}/ctl_cyrusdb -C ${imapdConfPath} -r"
}
SERVICES {
  imap cmd="${programs}/imapd -C ${imapdConfPath} -U 250 -T 5" listen="127.0.0.1:${port}" prefork=0 proto=tcp4
}
EVENTS {
}
DAEMON {
}
`;
}

/** The far end of saslauthd's protocol: four strings with their lengths before them; the answer is one such string. */
function answerPasswords(path: string, users: readonly LabUser[]): Promise<Server> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const fields = countedStrings(received, 4);
      if (fields === null) return;
      const [name, password] = fields;
      const good = users.some((user) => user.name === name && user.password === password);
      const answer = Buffer.from(good ? 'OK' : 'NO');
      socket.end(Buffer.concat([Buffer.from([0, answer.length]), answer]));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o777);
      resolve(server);
    });
  });
}

function countedStrings(bytes: Buffer, count: number): string[] | null {
  const out: string[] = [];
  let at = 0;
  while (out.length < count) {
    if (at + 2 > bytes.length) return null;
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) return null;
    out.push(bytes.toString('utf8', at + 2, end));
    at = end;
  }
  return out;
}
