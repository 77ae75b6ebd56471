/**
 * The Postfixes of the demo, one in front of each Dovecot. They start knowing nothing of each other; what they are told comes
 * from `mailferry config postfix` and from nowhere else. The edges that keep their tables run within `mailferry serve`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoDaemon } from './demo-daemon.ts';
import { watchForLetters } from './demo-judge.ts';
import type { DemoScreen } from './demo-screen.ts';
import type { Dovecot, LabUser } from './dovecot.ts';
import { type Postfix, startPostfix } from './postfix.ts';
import { deliverBySmtp } from './smtp.ts';

export interface DemoPostfixes {
  readonly old: Postfix;
  readonly fresh: Postfix;
  /** The edges, as tables of the daemon's configuration. */
  readonly edges: string;
  /** Tells both where mail goes, says which routes are in force then, and tries one; gives whether that is as it should be. */
  showRoutes(screen: DemoScreen, daemon: DemoDaemon): Promise<boolean>;
  stop(): Promise<void>;
}

interface DemoPostfixOptions {
  readonly dir: string;
  readonly old: Dovecot;
  readonly fresh: Dovecot;
  /** Who has a mailbox on both; all of one domain. */
  readonly users: readonly LabUser[];
}

const addresses = { old: '127.0.0.2', new: '127.0.0.3' } as const;
/** As of somebody who has logged in at new. */
const loggedIn = '127.0.0.9';
const deadlineMs = 20_000;

/** Null where Postfix cannot run: its processes change users, which takes root. */
export async function startDemoPostfixes(options: DemoPostfixOptions): Promise<DemoPostfixes | null> {
  if (process.getuid?.() !== 0) return null;
  const { dir, users } = options;
  const started: Postfix[] = [];
  const stop = async () => {
    await Promise.all(started.map((one) => one.stop()));
  };
  const start = async (side: 'old' | 'new', dovecot: Dovecot) => {
    const postfix = await startPostfix({
      dir: join(dir, `postfix-${side}`),
      name: `${side}.example.org`,
      lmtpPort: dovecot.lmtpPort ?? 0,
      domain: 'example.org',
      mailboxes: users.map(({ name }) => name.split('@', 1)[0] ?? ''),
      address: addresses[side],
      extra: side === 'new' ? `mynetworks = ${loggedIn}/32` : '',
    });
    started.push(postfix);
    return postfix;
  };
  try {
    const old = await start('old', options.old);
    const fresh = await start('new', options.fresh);
    const sides = [
      { side: 'old', own: old, peer: fresh, dovecot: options.old, directory: join(dir, 'edge-old') },
      { side: 'new', own: fresh, peer: old, dovecot: options.fresh, directory: join(dir, 'edge-new') },
    ] as const;
    return {
      old,
      fresh,
      edges: sides
        .map(
          ({ side, own, peer, dovecot, directory }) =>
            `[${side}.edge]\ndirectory = "${directory}"\npeer = "${peer.address}:${peer.port}"\ngroup_reads = true\n` +
            `postfix = "${own.configDirectory}"\ndovecot = "${dovecot.dir}"\n`,
        )
        .join(''),
      showRoutes: async (screen, daemon) => {
        screen.say('\nTelling Postfix on both where each account’s mail goes:');
        const told = await Promise.all(sides.map((one) => tell(daemon, one)));
        for (const { command, what, ...counts } of told) {
          screen.say(`  $ ${command}\n  ${what}`);
          screen.data({ type: 'wired', ...counts });
        }
        const routes = await routesInForce(daemon, sides);
        screen.data({ type: 'routes', ...routes });
        const { epoch, old: handsOver, new: toOld } = routes;
        screen.say(
          `  All ${epoch} changes are in force on both: new hands mail for ${toOld} addresses to old, where they live;\n` +
            `  old hands over mail for ${handsOver}, since nobody has moved yet.`,
        );
        const [reader = { name: '', password: '' }] = users;
        const ms = await writeOnNew(fresh, options.old, reader);
        screen.data({ type: 'written-on-new', to: reader.name, arrivedOnOldMs: ms });
        const then = ms === null ? 'does not come to old' : `is in the mailbox on old after ${seconds(ms)}`;
        screen.say(`  Somebody on new writes to ${reader.name}: the letter ${then}.`);
        return ms !== null;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Side {
  readonly side: 'old' | 'new';
  readonly own: Postfix;
  readonly peer: Postfix;
  readonly directory: string;
}

/** What an operator types on the host. */
async function tell(daemon: DemoDaemon, { side, own, peer, directory }: Side) {
  await until(() => existsSync(join(directory, 'transport.lmdb')), `the edge of ${side} has no table`);
  const args = ['--side', side, '--peer', `${peer.address}:${peer.port}`, '--peer-address', peer.address];
  // On a host of its own these are as Debian has them.
  const here = ['--directory', directory, '--config-directory', own.configDirectory, '--tls', 'none'];
  const changes = await daemon.lines('config', 'postfix', ...args, ...here, '--apply');
  await own.run('postfix', 'reload');
  const count = (kind: string) => changes.filter((line) => line['kind'] === kind).length;
  const [values, services, tables] = [count('main'), count('service'), count('file')];
  return {
    side,
    values,
    services,
    tables,
    command: `mailferry config postfix ${args.join(' ')} --apply`,
    what: `Changed: ${values} values, ${services} services, ${tables} small tables.`,
  };
}

/** Waits until both edges have all changes; gives how many addresses each host hands over. */
async function routesInForce(
  daemon: DemoDaemon,
  sides: readonly Side[],
): Promise<{ readonly epoch: number; readonly old: number; readonly new: number }> {
  let epoch = 0;
  await until(async () => {
    const said = (await daemon.api('GET', '/edges')) as {
      readonly epoch: number;
      readonly edges: readonly { readonly epoch: number }[];
    };
    ({ epoch } = said);
    return said.edges.length === sides.length && said.edges.every((edge) => edge.epoch === epoch);
  }, 'the edges do not have all changes in force');
  const counts = { old: 0, new: 0 };
  for (const { side, own, directory } of sides) {
    const rows = await own.run('postmap', '-s', `lmdb:${join(directory, 'transport')}`);
    counts[side] = rows.split('\n').filter((row) => row.includes('\tmailferry:')).length;
  }
  return { epoch, ...counts };
}

/** Milliseconds until old's mailbox has it; null where it does not come. */
async function writeOnNew(fresh: Postfix, old: Dovecot, reader: LabUser): Promise<number | null> {
  const watch = await watchForLetters(old, reader);
  try {
    const id = `from-new-${Date.now()}@example.net`;
    const date = new Date().toUTCString().replace('GMT', '+0000');
    const head = `From: John <john@example.net>\r\nTo: ${reader.name}\r\nSubject: Written on new\r\nDate: ${date}\r\n`;
    const text = `${head}Message-ID: <${id}>\r\n\r\nOld has your mailbox.\r\n`;
    const since = performance.now();
    await deliverBySmtp(fresh, reader.name, text, loggedIn);
    return (await watch.comes(id, deadlineMs)) ? Math.round(performance.now() - since) : null;
  } finally {
    await watch.close();
  }
}

async function until(fulfilled: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await fulfilled())) {
    if (performance.now() > end) throw new Error(otherwise);
    await pause(50);
  }
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
