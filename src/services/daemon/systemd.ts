/**
 * Tells systemd how the daemon is (sd_notify(3)), by its own tool: Node has no datagram sockets of the kind it needs.
 * Does nothing where NOTIFY_SOCKET is not set, that is, outside systemd.
 */
import { execFile } from 'node:child_process';

export interface Systemd {
  ready(): void;
  stopping(): void;
  status(text: string): void;
  close(): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `alive` is asked before each sign of life for the watchdog: who is not alive gives none, and is started anew. */
export function openSystemd(environment: Environment, alive: () => boolean, pid: number): Systemd {
  const socket = environment.NOTIFY_SOCKET;
  const send = (...fields: readonly string[]) => {
    if (socket === undefined) return;
    const env = { NOTIFY_SOCKET: socket, PATH: environment.PATH ?? '/usr/bin:/bin' };
    // Without --pid: it would make us the main process, where bin/mailferry waits for us, and no exit code would be
    // seen. A failure changes nothing that we do.
    execFile('systemd-notify', [...fields], { env }, () => {});
  };
  const timer = watchdogMs(environment, pid);
  const beat =
    timer === null
      ? null
      : setInterval(() => {
          if (alive()) send('WATCHDOG=1');
        }, timer);
  beat?.unref();
  return {
    ready: () => send('READY=1'),
    // The option --stopping came with systemd 253; Debian 12 has 252.
    stopping: () => send('STOPPING=1'),
    status: (text) => send(`STATUS=${text}`),
    close: () => {
      if (beat !== null) clearInterval(beat);
    },
  };
}

/** A third of the time that systemd waits, as sd_watchdog_enabled(3) wants half of it at most; null where it does not. */
function watchdogMs(
  { WATCHDOG_USEC: micros, WATCHDOG_PID: forPid }: Environment,
  pid: number,
): number | null {
  const ms = Number(micros) / 1000 / 3;
  if (!Number.isFinite(ms) || ms < 1) return null;
  return forPid === undefined || Number(forPid) === pid ? Math.round(ms) : null;
}
