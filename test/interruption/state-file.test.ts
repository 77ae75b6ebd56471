import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { openState } from '../../src/state/index.ts';

const pair = { from: 'a', to: 'b' };

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mailferry-state-'));
  file = join(directory, 'state');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A child at work on the file, and the lines it has said so far. */
function start(mode: 'record' | 'hold') {
  const script = new URL('./state-file-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, file, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    for (const wake of waiting.splice(0)) wake();
  });
  const said = async (count: number) => {
    while (lines.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return { child, lines, said };
}

async function kill(child: ChildProcess): Promise<void> {
  const end = once(child, 'close');
  child.kill('SIGKILL');
  await end;
}

describe('a process killed at any moment', () => {
  test('leaves each step whole or absent, and none that it reported is lost', async () => {
    for (let round = 1; round <= 6; round++) {
      const { child, lines, said } = start('record');
      await said(3 + round * 7);
      await new Promise((resolve) => setTimeout(resolve, round));
      await kill(child);
      const reported = Number(lines.at(-1));

      const state = await openState(file, { pair, clock: systemClock });
      const { mailboxes, intents, refused, notes } = await state.load();
      const n = Number(notes['n']);
      expect(n === reported || n === reported + 1).toBe(true);
      expect(mailboxes[0]?.adoptedBelow).toBe(n);
      expect(intents.map((one) => one.id)).toEqual([n]);
      expect(refused[0]?.attempts).toBe(n);
      for (const { body } of await state.chunks(1, 1)) {
        expect(body.every((byte) => byte === n % 256)).toBe(true);
      }
      await state.close();
    }
  });
});

describe('a state file held by a process', () => {
  test('is refused to another process, which learns who holds it', async () => {
    const holder = start('hold');
    await holder.said(1);
    const second = start('record');
    await second.said(1);
    expect(second.lines[0]).toMatch(/^state-busy: /);
    expect(second.lines[0]).toContain(`held by process ${holder.child.pid} on ${hostname()} since 20`);
  });

  test('is free as soon as the holder has been killed', async () => {
    const holder = start('hold');
    await holder.said(1);
    await kill(holder.child);
    const state = await openState(file, { pair, clock: systemClock });
    await state.close();
  });

  test('goes to exactly one of many that start together', async () => {
    await (await openState(file, { pair, clock: systemClock })).close();
    const children = Array.from({ length: 4 }, () => start('hold'));
    await Promise.all(children.map(({ said }) => said(1)));
    const answers = children.map(({ lines }) => lines[0]?.split(':')[0]);
    expect(answers.filter((answer) => answer === 'open')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'state-busy')).toHaveLength(3);
  });
});
