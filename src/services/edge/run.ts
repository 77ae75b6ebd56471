/** The edge as a process of its own on a mail host, until a signal ends it. */
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { EdgeEnrolment, EdgeRun } from '../../commands/edge.ts';
import { openLog } from '../../telemetry/log.ts';
import { openSystemd } from '../daemon/systemd.ts';
import { controlOverHttp, enrol } from './control-over-http.ts';
import { readEdgeFile, writeEdgeFile } from './edge-file.ts';
import { type OpenedEdge, openEdge } from './open-edge.ts';

/** Gives the side and the name that control knows it by. */
export async function enrolEdge(
  { control, code, trust, directory }: EdgeEnrolment,
  version: string,
): Promise<{ readonly side: 'old' | 'new'; readonly name: string; readonly file: string }> {
  const url = new URL(control);
  const { side, name, token } = await enrol({ url, trust }, code, version);
  const file = writeEdgeFile(directory, { control: url, trust, side, name, token: new Secret(token) });
  return { side, name, file };
}

export interface EdgeProcess {
  readonly run: EdgeRun;
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly clock: Clock;
  readonly pid: number;
  readonly signal: AbortSignal;
}

/** Resolves when `signal` has ended it. Throws what keeps it from starting. */
export async function runEdge(options: EdgeProcess): Promise<void> {
  const { run, version, clock, signal } = options;
  const { directory, side } = run;
  const log = openLog({ level: 'info', format: run.logFormat }, options.stdout);
  const kept = readEdgeFile(directory);
  if (kept.side !== side) {
    throw new MailferryError('usage', `this edge was enrolled for the ${kept.side} side, not for ${side}`);
  }
  const systemd = openSystemd(options.environment, () => true, options.pid);
  let edge: OpenedEdge | null = null;
  try {
    const control = controlOverHttp({ url: kept.control, trust: kept.trust }, kept.token, version, clock);
    edge = await openEdge({ run, control, clock, log });
    const { name } = kept;
    log.info({ name, side, control: kept.control.origin, ...edge.counts }, 'ready');
    systemd.ready();
    await edge.follow(signal);
    log.info('stopping');
    systemd.stopping();
  } finally {
    await edge?.close();
    systemd.close();
  }
}
