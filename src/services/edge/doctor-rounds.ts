/** The doctor's rounds beside a running edge: once at its start, then every few minutes; what it finds goes to control. */
import type { Clock } from '../../base/clock.ts';
import type { HostReport } from '../../domain/host-report.ts';
import type { EdgeControl } from '../../routing/index.ts';
import type { DoctorPlace } from './doctor/place.ts';
import { lookAtHost } from './host-doctor.ts';

export interface DoctorRoundsOptions {
  readonly place: DoctorPlace;
  readonly control: Pick<EdgeControl, 'look' | 'report'>;
  readonly everyMs: number;
  /** When all changes are in force for the first time, or nobody knows when: before that there is nothing to judge. */
  readonly ready: () => boolean;
  readonly clock: Clock;
  readonly log: (text: string, error?: unknown) => void;
}

/** An edge that cannot follow is looked at, too. */
const readyMs = 15_000;
const readyEveryMs = 250;
/** Control may be away for days: the newest report is what it is told then. */
const againMs = 30_000;

/** Until `signal` aborts; rejects for nothing. */
export async function doctorRounds(options: DoctorRoundsOptions, signal: AbortSignal): Promise<void> {
  const { clock, everyMs, ready, log } = options;
  try {
    const until = clock.monotonic() + readyMs;
    while (!ready() && clock.monotonic() < until) await clock.sleep(readyEveryMs, signal);
    for (;;) {
      const next = clock.monotonic() + everyMs;
      try {
        await tell(options, await look(options, signal), next, signal);
      } catch (error) {
        signal.throwIfAborted();
        log('this host could not be looked at', error);
      }
      await clock.sleep(Math.max(0, next - clock.monotonic()), signal);
    }
  } catch (error) {
    if (!signal.aborted) log('the doctor has ended', error);
  }
}

function look({ place, control, clock }: DoctorRoundsOptions, signal: AbortSignal): Promise<HostReport> {
  return lookAtHost({ place, control, isEdge: true, clock, signal });
}

async function tell(
  { control, clock, log }: DoctorRoundsOptions,
  report: HostReport,
  until: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await control.report(report, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      log('control does not hear what the doctor found', error);
      if (clock.monotonic() + againMs >= until) return;
      await clock.sleep(againMs, signal);
    }
  }
}
