/** With a program in the place of systemd-notify that writes down what it is told. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSystemd, type Systemd } from './systemd.ts';

let dir: string;
let socket: string;
let alive: boolean;
let systemd: Systemd | null;
const pid = 4711;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  dir = mkdtempSync(join(tmpdir(), 'mf-systemd-'));
  socket = join(dir, 'told');
  writeFileSync(join(dir, 'systemd-notify'), '#!/bin/sh\nprintf "%s\\n" "$*" >> "$NOTIFY_SOCKET"\n');
  chmodSync(join(dir, 'systemd-notify'), 0o700);
  alive = true;
  systemd = null;
});
afterEach(() => {
  systemd?.close();
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true });
});

function open(more: Readonly<Record<string, string>> = {}): Systemd {
  const environment = {
    NOTIFY_SOCKET: socket,
    PATH: `${dir}:/usr/bin:/bin`,
    WATCHDOG_USEC: '30000000',
    ...more,
  };
  systemd = openSystemd(environment, () => alive, pid);
  return systemd;
}

const told = () => (existsSync(socket) ? readFileSync(socket, 'utf8').trim().split('\n') : []);
const signsOfLife = () => told().filter((line) => line === 'WATCHDOG=1').length;

/** In real time: the timers of vi.waitFor would move the held clock. */
async function until(found: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!found()) {
    if (performance.now() > end) throw new Error(`told was only: ${told().join()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What was told so far has been written: programs run side by side. */
async function allTold(): Promise<void> {
  const mark = `STATUS=${Math.random()}`;
  systemd?.status(mark.slice('STATUS='.length));
  await until(() => told().includes(mark));
  await new Promise((resolve) => setTimeout(resolve, 100));
}

it('gives a sign of life three times in the time that systemd waits', async () => {
  open();
  vi.advanceTimersByTime(9_999);
  await allTold();
  expect(signsOfLife()).toBe(0);
  vi.advanceTimersByTime(20_001);
  await until(() => signsOfLife() === 3);
});

it('gives none while the worker does not live, and again when it does', async () => {
  open();
  vi.advanceTimersByTime(10_000);
  await until(() => signsOfLife() === 1);
  alive = false;
  vi.advanceTimersByTime(60_000);
  await allTold();
  expect(signsOfLife()).toBe(1);
  alive = true;
  vi.advanceTimersByTime(10_000);
  await until(() => signsOfLife() === 2);
});

it('gives none after its end, to another process’s watchdog, nor where there is none', async () => {
  open().close();
  vi.advanceTimersByTime(60_000);
  open({ WATCHDOG_PID: String(pid + 1) });
  vi.advanceTimersByTime(60_000);
  systemd?.close();
  open({ WATCHDOG_USEC: '' });
  vi.advanceTimersByTime(60_000);
  await allTold();
  expect(signsOfLife()).toBe(0);
});

it('tells that it is ready and that it stops', async () => {
  const { ready, stopping } = open();
  ready();
  stopping();
  await until(() => told().sort().join() === 'READY=1,STOPPING=1');
});
