/**
 * One run at a time on a state file. FILE.lock is an SQLite database that stays empty; holding a write transaction on
 * it takes a lock which the kernel frees when the process ends, in whatever way. It is never written, so a power cut
 * cannot damage it, and never removed, since removing a lock file lets two processes hold it. Who holds it stands in
 * FILE.holder, for people: it decides nothing.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { MailferryError } from '../base/errors.ts';
import { createPrivately } from './private-file.ts';
import { stateError } from './state-error.ts';

export interface RunLock {
  release(): void;
}

/** Throws `state-busy` where another run holds it; `what` is how a person calls the file. */
export function takeRunLock(file: string, nowMs: number, what = 'the state file'): RunLock {
  const lock = openLock(file, what);
  const holderFile = `${file}.holder`;
  try {
    const since = new Date(nowMs).toISOString();
    writeFileSync(holderFile, `${process.pid} ${hostname()} ${since}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    throw stateError(file, error);
  }
  return {
    release: () => {
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}

function openLock(file: string, what: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    createPrivately(`${file}.lock`);
    lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
    lock.exec('begin immediate');
    return lock;
  } catch (error) {
    lock?.close();
    const failure = stateError(file, error);
    if (failure.code !== 'state-busy') throw failure;
    throw new MailferryError('state-busy', `${what} ${file} is held by ${holderOf(file)}`, {
      cause: error,
    });
  }
}

/** "process 1234 on host since ..."; without names where the note is missing or was left by a process that died. */
function holderOf(file: string): string {
  let note = '';
  try {
    note = readFileSync(`${file}.holder`, 'utf8');
  } catch {
    // Only a courtesy: the lock itself has been seen.
  }
  const [, pid, host, since] = /^(\d+) (\S+) (\S+)\n$/.exec(note) ?? [];
  if (!pid || (host === hostname() && !isAlive(Number(pid)))) return 'another process';
  return `process ${pid} on ${host} since ${since}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'EPERM';
  }
}
