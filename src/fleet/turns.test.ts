import { beforeEach, expect, it } from 'vitest';
import { type Priority, type Turn, Turns } from './turns.ts';

const never = new AbortController().signal;
let nowMs = 0;
let turns: Turns;
let given: string[] = [];
const held = new Map<string, Turn>();

beforeEach(() => {
  nowMs = 0;
  given = [];
  held.clear();
  turns = new Turns(() => nowMs, 1, 1000);
});

function ask(name: string, priority: Priority, signal: AbortSignal = never): Promise<void> {
  return turns.take(priority, signal).then((turn) => {
    given.push(name);
    held.set(name, turn);
  });
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function end(name: string): Promise<void> {
  held.get(name)?.end();
  await settled();
}

it('gives the turn by priority, then in the order of asking', async () => {
  for (const [name, priority] of [
    ['first', 2],
    ['copy 1', 2],
    ['copy 2', 2],
    ['in step', 1],
    ['looked at', 0],
  ] as const) {
    void ask(name, priority);
  }
  await settled();
  for (const name of ['first', 'looked at', 'in step', 'copy 1']) await end(name);
  expect(given).toEqual(['first', 'looked at', 'in step', 'copy 1', 'copy 2']);
});

it('forgets who does not want it any more, and rejects with the reason', async () => {
  await ask('first', 1);
  const gone = new AbortController();
  const asked = ask('gone', 0, gone.signal);
  void ask('second', 1);
  gone.abort(new Error('not any more'));
  await expect(asked).rejects.toThrow('not any more');
  await end('first');
  expect(given).toEqual(['first', 'second']);
  expect([turns.running, turns.waiting]).toEqual([1, 0]);
});

it('does not take a turn for who has given up before asking', async () => {
  await expect(ask('gone', 0, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  expect([turns.running, turns.waiting]).toEqual([0, 0]);
});

it('lets another have the turn of who goes on beside it, as many as there are turns, until that one ends', async () => {
  await ask('giant', 1);
  void ask('small', 1);
  void ask('other', 1);
  held.get('giant')?.loosen();
  await settled();
  expect(given).toEqual(['giant', 'small']);
  // One goes on beside already.
  held.get('small')?.loosen();
  await settled();
  expect(given).toEqual(['giant', 'small']);
  await end('giant');
  held.get('small')?.loosen();
  await settled();
  expect(given).toEqual(['giant', 'small', 'other']);
  expect([turns.running, turns.waiting]).toEqual([1, 0]);
});

it('counts an end once', async () => {
  await ask('first', 1);
  void ask('second', 1);
  void ask('third', 1);
  await end('first');
  await end('first');
  expect(given).toEqual(['first', 'second']);
});

it('gives more turns at once when the limit rises, and none while it is zero', async () => {
  turns.setLimit(0);
  for (const name of ['a', 'b', 'c']) void ask(name, 1);
  await settled();
  expect(given).toEqual([]);
  turns.setLimit(2);
  await settled();
  expect(given).toEqual(['a', 'b']);
});

it('asks one for its turn when it lasted long enough and another waits', async () => {
  turns.setLimit(2);
  await ask('old', 2);
  nowMs = 500;
  await ask('young', 2);
  void ask('waits', 2);
  const wanted = () => [...held].filter(([, turn]) => turn.yield.aborted).map(([name]) => name);
  nowMs = 999;
  turns.look();
  expect(wanted()).toEqual([]);
  nowMs = 1000;
  turns.look();
  expect(wanted()).toEqual(['old']);
});

it('asks as many as wait, not more, and nobody twice', async () => {
  turns.setLimit(3);
  for (const name of ['a', 'b', 'c']) await ask(name, 2);
  nowMs = 5000;
  turns.look();
  expect([...held.values()].some((turn) => turn.yield.aborted)).toBe(false);
  void ask('waits', 2);
  turns.look();
  turns.look();
  expect([...held.values()].filter((turn) => turn.yield.aborted)).toHaveLength(1);
});

it('asks those above a lower limit, the last that began first, whether anybody waits or not', async () => {
  turns.setLimit(3);
  for (const name of ['a', 'b', 'c']) await ask(name, 2);
  const asked = () => ['a', 'b', 'c'].map((name) => held.get(name)?.yield.aborted);
  turns.setLimit(2);
  turns.setLimit(2);
  expect(asked()).toEqual([false, false, true]);
  turns.setLimit(0);
  expect(asked()).toEqual([true, true, true]);
});
