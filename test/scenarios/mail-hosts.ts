/**
 * Two mail hosts as a provider has them while accounts move: on each a real Postfix in front of a real Dovecot (LMTP), and
 * an edge that keeps its table. Postfix is wired by what `mailferry config postfix --apply` writes, and by nothing else; so is
 * Dovecot by `mailferry config dovecot --apply`, where people log in.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { doveadmOf } from '../../src/domain/doveadm-command.ts';
import type { ServerSide } from '../../src/domain/placement.ts';
import {
  EdgeFollower,
  nexthopOf,
  PostmapTable,
  type RouteLookup,
  routeLookup,
  serveSocketmap,
} from '../../src/routing/index.ts';
import type { DoctorPlace } from '../../src/services/edge/doctor/place.ts';
import { doctorRounds } from '../../src/services/edge/doctor-rounds.ts';
import type { Replica } from '../../src/state/replica/replica.ts';
import type { MemoryControl } from '../fakes/memory-control.ts';
import { labCertificates } from '../lab/certificates.ts';
import { type Dovecot, noPenalty, startDovecot } from '../lab/dovecot.ts';
import { type Postfix, type PostfixOptions, startPostfix } from '../lab/postfix.ts';
import { until } from './worker-env.ts';

export const domain = 'example.org';
/** Far more often than on a host: what it does there must disturb no mail. It takes a second of a processor. */
const doctorEveryMs = 15_000;
const bin = fileURLToPath(new URL('../../bin/mailferry', import.meta.url));
const addresses: Readonly<Record<ServerSide, string>> = { old: '127.0.0.2', new: '127.0.0.3' };
const hostsFile = Object.entries(addresses).map(([side, address]) => `${address} ${side}.example`);

export interface MailHost {
  readonly side: ServerSide;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  /** Of the edge: its replica and the table. */
  readonly edgeDirectory: string;
  readonly control: MemoryControl;
  readonly lookup: RouteLookup;
  /** What the doctor looks at; it does so every few seconds while the edge runs. */
  readonly place: DoctorPlace;
  /** Runs the edge; it does not when this resolves to false. */
  startEdge(): void;
  /** As by kill: in the middle of whatever it does. */
  stopEdge(): Promise<void>;
}

export interface MailHosts {
  readonly old: MailHost;
  readonly new: MailHost;
  close(): Promise<void>;
}

export interface MailHostsOptions {
  readonly controls: Readonly<Record<ServerSide, MemoryControl>>;
  /** Local parts; each has a mailbox on both hosts. */
  readonly users: readonly string[];
  /** Local parts that Postfix knows, where those are not the users. */
  readonly mailboxes?: readonly string[];
  /** Postfix asks the edge instead of a table. */
  readonly socketmap?: boolean;
  /** Postfix asks the database instead; the edges run all the same, and nobody asks them. */
  readonly pgsql?: { readonly url: string; readonly password: string };
  /**
   * People log in at the Postfixes to send, as their Dovecots let them; between the hosts, which know each other by name, goes
   * TLS whose certificates are verified.
   */
  readonly submission?: boolean;
  /** New takes mail from everybody. */
  readonly open?: boolean;
  /** Between two rounds of the doctors. */
  readonly doctorEveryMs?: number;
  readonly more?: Readonly<Partial<Record<ServerSide, Partial<PostfixOptions>>>>;
}

export async function startMailHosts(options: MailHostsOptions): Promise<MailHosts> {
  const users = options.users.map((name) => ({ name, password: `geheim-${name}` }));
  const started: { stop(): Promise<void> }[] = [];
  const dirs: string[] = [];
  const close = async () => {
    await Promise.all(started.map((one) => one.stop()));
    for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
  };
  const part = async (side: ServerSide) => {
    // One mailbox under every domain.
    const extra = `auth_username_format = %Ln\n${noPenalty}`;
    const goesOn = options.submission === true && side === 'old';
    const dovecot = await startDovecot({ users, tls: false, lmtp: true, goesOn, extra });
    started.push(dovecot);
    const postfix = await startPostfix({
      name: `${side}.example`,
      domain,
      lmtpPort: dovecot.lmtpPort ?? 0,
      mailboxes: options.mailboxes ?? options.users,
      address: addresses[side],
      ...(options.submission === true ? { submission: true, hosts: hostsFile } : {}),
      ...options.more?.[side],
    });
    started.push(postfix);
    const edgeDirectory = mkdtempSync(join(tmpdir(), `mf-host-${side}-`));
    dirs.push(edgeDirectory);
    chmodSync(edgeDirectory, 0o755);
    mkdirSync(join(edgeDirectory, 'edge'));
    return { side, dovecot, postfix, edgeDirectory: join(edgeDirectory, 'edge') };
  };
  try {
    const [old, fresh] = await Promise.all([part('old'), part('new')]);
    const hosts = [hostOf(old, fresh.postfix), hostOf(fresh, old.postfix)] as const;
    for (const host of hosts) {
      host.startEdge();
      started.unshift({ stop: () => host.stopEdge() });
    }
    await until(20_000, async () => hosts.every(({ control }) => control.inForce === control.latest));
    await Promise.all([wire(hosts[0], fresh), wire(hosts[1], old)]);
    return { old: hosts[0], new: hosts[1], close };
  } catch (error) {
    await close();
    throw error;
  }

  async function wire(host: MailHost, peer: Pick<MailHost, 'dovecot' | 'postfix'>): Promise<void> {
    const by: string[] = [];
    if (options.socketmap === true) {
      const server = await serveSocketmap({ host: '127.0.0.1', port: 0 }, host.lookup, () => {});
      started.push({ stop: () => server.close() });
      by.push('--socketmap', `127.0.0.1:${(server.address as { port: number }).port}`);
    }
    if (options.pgsql !== undefined) {
      const file = join(host.edgeDirectory, 'database.password');
      writeFileSync(file, `${options.pgsql.password}\n`, { mode: 0o600 });
      by.push('--pgsql', options.pgsql.url, '--pgsql-password-file', file);
    }
    await configPostfix(...wiring(host, peer.postfix, options), ...by, '--apply');
    await host.postfix.run('postfix', 'reload');
    if (options.submission === true) await letLogIn(host, peer.dovecot);
  }

  function hostOf(
    own: Pick<MailHost, 'side' | 'dovecot' | 'postfix' | 'edgeDirectory'>,
    peer: Postfix,
  ): MailHost {
    const control = options.controls[own.side];
    const mine = control.forEdge();
    const nexthop = nexthopOf(nameFor(peer, options), peer.port);
    let stop: (() => Promise<void>) | null = null;
    let replica: Replica | null = null;
    const place: DoctorPlace = {
      side: own.side,
      directory: own.edgeDirectory,
      peer: { host: peer.address, port: peer.port },
      table: options.socketmap === true ? null : join(own.edgeDirectory, 'transport'),
      socketmap: null,
      delimiters: null,
      groupReads: true,
      postfix: own.postfix.configDirectory,
      dovecot: own.dovecot.dir,
      doveadm: doveadmOf('doveadm', own.dovecot.dir),
    };
    return {
      ...own,
      place,
      lookup: routeLookup({
        side: own.side,
        replica: () => replica,
        nexthop,
        delimiters: '+',
      }),
      control,
      startEdge: () => {
        const over = new AbortController();
        const follower = new EdgeFollower({
          side: own.side,
          control: mine,
          file: join(own.edgeDirectory, 'replica.sqlite'),
          groupReads: true,
          table: new PostmapTable({
            file: join(own.edgeDirectory, 'transport'),
            configDirectory: own.postfix.configDirectory,
          }),
          nexthop,
          clock: { ...systemClock, sleep: (_, signal) => systemClock.sleep(50, signal) },
          log: () => {},
        });
        const everyMs = options.doctorEveryMs ?? doctorEveryMs;
        const rounds = { place, control: mine, everyMs, clock: systemClock, log: () => {} };
        const running = Promise.all([
          follower.run(over.signal),
          doctorRounds({ ...rounds, ready: () => follower.epoch > 0 }, over.signal),
        ]);
        replica = follower.replica;
        stop = async () => {
          over.abort();
          await running;
          follower.close();
          stop = null;
        };
      },
      stopEdge: async () => await stop?.(),
    };
  }
}

/** What an operator types on the host. */
export const wiring = (
  { side, postfix, edgeDirectory }: MailHost,
  peer: Postfix,
  options: Partial<MailHostsOptions> = {},
): string[] => {
  const host = `${nameFor(peer, options)}:${peer.port}`;
  const args = ['--side', side, '--peer', host, '--peer-address', peer.address, '--directory', edgeDirectory];
  args.push('--config-directory', postfix.configDirectory);
  if (options.submission === true) args.push('--ca-file', labCertificates().ca);
  else args.push('--tls', 'none');
  return side === 'new' && options.open === true ? [...args, '--open'] : args;
};

/** By which its peer knows it. */
const nameFor = ({ name, address }: Postfix, { submission = false }: Partial<MailHostsOptions>): string =>
  submission ? name : address;

/**
 * As docs/operations/edges.md tells the operator, people's way from old to new as well; and Dovecot answers its Postfix, as in
 * Debian's 10-master.conf.
 */
async function letLogIn(
  { side, dovecot, postfix, edgeDirectory }: MailHost,
  { imapPort }: Dovecot,
): Promise<void> {
  const place = join(dovecot.dir, 'conf.d');
  mkdirSync(place, { recursive: true });
  const listener = `unix_listener ${postfix.saslSocket} {\n    mode = 0660\n    user = postfix\n    group = postfix\n  }`;
  writeFileSync(join(place, '10-master.conf'), `service auth {\n  ${listener}\n}\n`);
  const fields = `uid=65534 gid=65534 home=${join(dovecot.dir, 'mail', '%n')}`;
  const proxy = ['--proxy-to', 'localhost', '--proxy-port', `imap=${imapPort}`, '--proxy-tls', 'none'];
  const more = side === 'new' ? ['--user-fields', fields] : proxy;
  const args = ['--side', side, '--directory', edgeDirectory, '--config-directory', dovecot.dir];
  await mailferryConfig('dovecot', ...args, ...more, '--apply');
  await dovecot.restart();
}

/** Gives what it printed. */
export const configPostfix = async (...args: string[]): Promise<string> =>
  await mailferryConfig('postfix', ...args);

async function mailferryConfig(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [bin, 'config', ...args]);
  return stdout;
}
