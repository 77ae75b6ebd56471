/**
 * The daemon: control, worker, or both in one process, then with edges where they are configured. Opens what it needs, starts, and ends within ten seconds of the
 * signal; what is on the wire by then is settled by the next worker.
 */
import { hostname } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import { accessTokensOf } from './access-tokens.ts';
import type { DaemonMode } from '../../commands/daemon.ts';
import { openDatabase } from '../../state/database/open-database.ts';
import { credentialOf, masterOwner } from '../../state/database/credentials.ts';
import { type EnvelopeKey, readKeyFile } from '../../state/database/envelope.ts';
import { openLog } from '../../telemetry/log.ts';
import type { OpenedConfiguration } from '../configuration/index.ts';
import { type Control, startControl } from '../control.ts';
import { appPasswordsOf } from '../app-passwords-of.ts';
import { type EdgesInside, insideRun, startEdgesInside } from '../edge/edges-inside.ts';
import { keepDaemonHeapSmall } from '../heap-keeper.ts';
import { openFilesAllowed, tooFewFiles } from './open-files.ts';
import { type StartedWorker, startWorker } from './start-worker.ts';
import { openSystemd } from './systemd.ts';

export interface DaemonOptions {
  readonly mode: DaemonMode;
  readonly opened: OpenedConfiguration;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly pid: number;
  /** Of this release. */
  readonly version: string;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
}

/** Of the end; then the process is left to its caller, whatever is still open. */
const drainMs = 9_500;

/** Resolves when the daemon has ended by `signal`. Throws what keeps it from starting. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { mode, opened, environment, clock, version, signal } = options;
  const { configuration, secrets } = opened;
  const log = openLog(configuration.log, options.stdout);
  for (const warning of opened.warnings) log.warn(warning);
  const files = mode === 'control' ? null : tooFewFiles(configuration, openFilesAllowed());
  if (files !== null) log.warn(files);
  const database = await openDatabase({
    url: configuration.database.url,
    password: secrets.get('database.password'),
    clock,
  });
  let worker: StartedWorker | null = null;
  const systemd = openSystemd(environment, () => worker?.alive ?? true, options.pid);
  const letHeapGrow = keepDaemonHeapSmall();
  let control: Control | null = null;
  let edges: EdgesInside | null = null;
  try {
    const key: EnvelopeKey = readKeyFile(configuration.secrets.key_file);
    const started = { database, configuration, secrets, log };
    if (mode !== 'worker') control = await startControl({ ...started, key });
    if (mode === 'serve')
      edges = await startEdgesInside({ database, key, configuration, version, clock, log });
    else tellOfEdges();
    if (mode !== 'control') {
      const secretOf = (owner: string, side: 'old' | 'new') =>
        credentialOf(database.db, key, { owner, side });
      const actor = `worker:${hostname()}`;
      const appPasswords = appPasswordsOf({ database, key, clock, configuration, actor });
      worker = await startWorker({
        ...started,
        appPasswordOf: (id, side) => appPasswords.passwordFor(id, side),
        secretOf,
        accessTokenOf: accessTokensOf(configuration, clock),
        masterOf: (side) => secretOf(masterOwner, side),
      });
    }
    log.info({ mode, database: database.name, configuration: opened.file }, 'ready');
    systemd.ready();
    await aborted(signal);
    log.info('stopping');
    systemd.stopping();
  } finally {
    const patience = new AbortController();
    const ended = Promise.all([control?.close(), worker?.close(), edges?.close()]).then(() =>
      database.close(),
    );
    const late = clock
      .sleep(drainMs, patience.signal)
      .then(() => log.warn('stopped before all had come to rest'));
    await Promise.race([ended, late]);
    patience.abort();
    late.catch(() => {});
    systemd.close();
    letHeapGrow();
  }
  log.info('stopped');

  /** One configuration may be on many machines. */
  function tellOfEdges(): void {
    for (const side of ['old', 'new'] as const) {
      if (insideRun(side, configuration[side]) !== null)
        log.info({ side, mode }, 'no edge runs inside: that is for `mailferry serve`');
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
