/**
 * A real Courier (5.0 of Debian 12) from the lab's cache. Debian's package conflicts with Dovecot's, hence unpacked.
 * Its login programs look for a socket below /run, so we do their part: a listener here greets, checks LOGIN, and
 * then starts Courier's own `imapd` for the session, as `imaplogin` does (AUTHENTICATED and IMAPLOGINTAG in its
 * environment). All after the login is Courier's. Its file watcher `gam_server` runs beside it: without it each
 * session waits some seconds for one.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import type { LabUser } from './dovecot.ts';
import { newLabDirectory, removeLabDirectory } from './lab-directory.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { labIdentity, unpackedServer } from './unpacked-server.ts';

export interface CourierOptions {
  readonly users: readonly LabUser[];
  /** Variables of /etc/courier/imapd, such as IMAP_CAPABILITY. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Courier {
  readonly host: '127.0.0.1';
  readonly imapPort: number;
  readonly dir: string;
  /** The user's Maildir, and who must own what is written there. */
  mailDir(user: string): string;
  mailOwner(user: string): { readonly uid: number; readonly gid: number };
  log(): string;
  /** Ends all sessions and its watcher, and starts again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** As Debian's /etc/courier/imapd sets it. */
const capability =
  'IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE';

export async function startCourier(options: CourierOptions): Promise<Courier> {
  const identity = labIdentity();
  const dir = newLabDirectory('courier');
  const courier = unpackedServer('courier', dir);
  chownSync(dir, identity.uid, identity.gid);
  const homeOf = (user: string) => join(dir, user);
  for (const { name } of options.users) {
    mkdirSync(homeOf(name));
    chownSync(homeOf(name), identity.uid, identity.gid);
    execFileSync(courier.path('usr/bin/maildirmake.courier'), [join(homeOf(name), 'Maildir')], {
      env: courier.env,
      uid: identity.uid,
      gid: identity.gid,
    });
  }

  let output = '';
  // The watcher's socket is named after the user and this: with it, two labs of one user do not meet.
  const watcherId = basename(dir);
  let watcher: ServerProcess | null = null;
  let listener: Server | null = null;
  let port = 0;
  const sessions = new Set<ChildProcess>();
  const sockets = new Set<Socket>();

  const startSession = (socket: Socket, user: string, tag: string, pipelined: Buffer) => {
    const session = spawn(
      'setpriv',
      ['--pdeathsig', 'TERM', '--', courier.path('usr/bin/imapd'), 'Maildir'],
      {
        cwd: homeOf(user),
        uid: identity.uid,
        gid: identity.gid,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          ...courier.env,
          PATH: '/usr/bin:/bin',
          HOME: homeOf(user),
          GAM_CLIENT_ID: watcherId,
          AUTHENTICATED: user,
          AUTHADDR: user,
          IMAPLOGINTAG: tag,
          PROTOCOL: 'IMAP',
          TCPREMOTEIP: '127.0.0.1',
          TCPREMOTEPORT: String(socket.remotePort ?? 0),
          IMAP_CAPABILITY: capability,
          IMAP_KEYWORDS: '1',
          IMAP_ACL: '1',
          IMAP_USELOCKS: '1',
          IMAP_CHECK_ALL_FOLDERS: '0',
          IMAP_OBSOLETE_CLIENT: '0',
          IMAP_ENHANCEDIDLE: '1',
          IMAP_IDLE_TIMEOUT: '60',
          IMAP_TRASHFOLDERNAME: 'Trash',
          ...options.env,
        },
      },
    );
    sessions.add(session);
    session.once('exit', () => sessions.delete(session));
    session.once('error', () => socket.destroy());
    session.stdin.on('error', () => undefined);
    session.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('latin1')).slice(-65_536);
    });
    session.stdin.write(pipelined);
    socket.pipe(session.stdin);
    session.stdout.pipe(socket);
    socket.on('close', () => session.stdin.destroy());
  };

  const launch = async () => {
    watcher = startServerProcess({
      command: courier.path('usr/libexec/gam_server'),
      args: [watcherId],
      identity,
      env: { ...courier.env, GAM_CLIENT_ID: watcherId },
    });
    listener = await listen(port, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      serveLogin(socket, options.users, startSession);
    });
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('the port of a listener is unknown');
    port = address.port;
  };
  const halt = async () => {
    const closed = new Promise((resolve) => listener?.close(resolve));
    for (const socket of sockets) socket.destroy();
    const ended = [...sessions].map((session) => {
      const exit = new Promise((resolve) => session.once('exit', resolve));
      session.kill('SIGKILL');
      return exit;
    });
    await Promise.all([watcher?.stop(), ...ended]);
    await closed;
  };

  const stop = async () => {
    await halt();
    removeLabDirectory(dir);
  };
  await launch();
  return {
    host: '127.0.0.1',
    imapPort: port,
    dir,
    mailDir: (user) => join(homeOf(user), 'Maildir'),
    mailOwner: () => identity,
    log: () => output,
    restart: async () => {
      await halt();
      await launch();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function listen(port: number, onSocket: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onSocket);
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** The dialogue before the login: LOGIN with atoms, quoted strings or literals, CAPABILITY, NOOP and LOGOUT. */
function serveLogin(
  socket: Socket,
  users: readonly LabUser[],
  startSession: (socket: Socket, user: string, tag: string, pipelined: Buffer) => void,
): void {
  let received = Buffer.alloc(0);
  let command = '';
  socket.on('error', () => socket.destroy());
  socket.write(`* OK [CAPABILITY ${capability}] Courier-IMAP ready.\r\n`);
  const onData = (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const literal = /\{(\d+)(\+?)\}\r\n$/.exec(command);
      const end = literal === null ? received.indexOf('\r\n') : Number(literal[1]);
      if (end < 0 || end > received.length) return;
      if (literal === null) {
        command += received.toString('latin1', 0, end + 2);
        received = received.subarray(end + 2);
        const announced = /\{\d+(\+?)\}\r\n$/.exec(command);
        if (announced !== null) {
          if (announced[1] === '') socket.write('+ go ahead\r\n');
          continue;
        }
      } else {
        command = command.slice(0, literal.index) + quote(received.toString('latin1', 0, end));
        received = received.subarray(end);
        continue;
      }
      const line = command.slice(0, -2);
      command = '';
      if (answer(line)) return;
    }
  };
  /** True when the session has been handed to Courier. */
  const answer = (line: string): boolean => {
    const [, tag = '*', verb = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/s.exec(line) ?? [];
    switch (verb.toUpperCase()) {
      case 'CAPABILITY':
        socket.write(`* CAPABILITY ${capability}\r\n${tag} OK CAPABILITY completed\r\n`);
        return false;
      case 'NOOP':
        socket.write(`${tag} OK NOOP completed\r\n`);
        return false;
      case 'LOGOUT':
        socket.end(`* BYE Courier-IMAP server shutting down\r\n${tag} OK LOGOUT completed\r\n`);
        return false;
      case 'LOGIN': {
        const [name = '', password = ''] = strings(rest);
        if (!users.some((user) => user.name === name && user.password === password)) {
          socket.write(`${tag} NO Login failed.\r\n`);
          return false;
        }
        socket.off('data', onData);
        startSession(socket, name, tag, received);
        return true;
      }
      default:
        socket.write(`${tag} NO Error in IMAP command received by server.\r\n`);
        return false;
    }
  };
  socket.on('data', onData);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function strings(text: string): string[] {
  const found = text.match(/"(?:\\.|[^"\\])*"|[^ "]+/gs) ?? [];
  return found.map((one) => (one.startsWith('"') ? one.slice(1, -1).replace(/\\(.)/gs, '$1') : one));
}
