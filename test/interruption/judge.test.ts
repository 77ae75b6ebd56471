import { describe, expect, it } from 'vitest';
import { MemoryJournal } from '../fakes/memory-journal.ts';
import { differentEnd, endState, notIdle } from './compare-ends.ts';
import { type Allowances, judge, type Refusal } from './judge.ts';
import { letter } from './letters.ts';
import { run } from './run.ts';
import { fill } from './scenarios-copy.ts';
import { World } from './world.ts';

/** A world after a flawless copy, to be spoilt. */
async function copied(): Promise<World> {
  const world = World.create();
  world.act(() => {
    fill(world, 'INBOX', 'a', 'b', 'c');
    world.old.user.flag('INBOX', 1, '+', '\\Seen', '$Label');
    fill(world, 'Archiv', 'x');
    world.fresh.user.append('INBOX', letter('mine'));
  });
  await run(world);
  return world;
}

interface Given {
  readonly refused?: readonly Refusal[];
  readonly allow?: Allowances;
}

function verdict(world: World, { refused = [], allow = {} }: Given = {}): string[] {
  const { old, fresh, truth, oldExpected } = world;
  const mapping = new Map([
    ['INBOX', 'INBOX'],
    ['Archiv', 'Archiv'],
  ]);
  return judge({ old, fresh, truth, mapping, refused, oldExpected, allow });
}

const listed: Refusal = {
  oldName: 'INBOX',
  oldUid: 2,
  code: 'message-refused',
  reason: 'virus found',
  date: '02-Mar-2020 10:11:12 +0100',
  subject: 'b',
};

describe('the judge', () => {
  it('finds nothing in a flawless copy', async () => {
    expect(verdict(await copied())).toEqual([]);
  });

  it('sees a message that is lost (I1)', async () => {
    const world = await copied();
    world.fresh.mailbox('INBOX').remove([3]);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I1 lost: b of INBOX/)]);
  });

  it('lets a copy have the date of a twin that is gone where that is allowed, and of no other (I4)', async () => {
    const world = World.create();
    const put = (day: number) =>
      world.old.user.append('INBOX', letter('t'), { internalDate: `0${day}-Mar-2020 10:11:12 +0100` });
    world.act(() => [1, 2].forEach(put));
    await run(world);
    world.act(() => world.old.user.expunge('INBOX', 1));
    world.fresh.mailbox('INBOX').remove([2]);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I4 t in INBOX/)]);
    expect(verdict(world, { allow: { datesOfGoneTwins: true } })).toEqual([]);
    world.act(() => put(3));
    world.fresh.user.append('INBOX', letter('t'), { internalDate: '01-Mar-2020 10:11:12 +0100' });
    expect(verdict(world, { allow: { datesOfGoneTwins: true } })).not.toEqual([]);
  });

  it('does not hold a mark that was taken back for a mark, once old has the message no more (I3)', async () => {
    const world = await copied();
    world.act(() => world.fresh.user.flag('Archiv', 1, '+', 'Work'));
    world.act(() => world.old.user.expunge('Archiv', 1));
    world.act(() => world.fresh.user.flag('Archiv', 1, '-', 'Work'));
    world.fresh.mailbox('Archiv').remove([1]);
    expect(verdict(world)).toEqual([]);
  });

  it('takes a message that is refused and listed for accounted for (I1)', async () => {
    const world = await copied();
    world.fresh.mailbox('INBOX').remove([3]);
    expect(verdict(world, { refused: [listed] })).toEqual([]);
  });

  it('sees a message in the wrong mailbox (I1, I2)', async () => {
    const world = await copied();
    const stray = world.fresh.mailbox('INBOX').message(3);
    world.fresh.mailbox('INBOX').remove([3]);
    world.fresh.mailbox('Archiv').add(stray?.body ?? new Uint8Array(), [], null);
    expect(verdict(world).map((v) => v.slice(0, 2))).toEqual(['I1', 'I2']);
  });

  it('sees a twin (I2)', async () => {
    const world = await copied();
    const one = world.fresh.mailbox('INBOX').message(3);
    world.fresh.mailbox('INBOX').add(one?.body ?? new Uint8Array(), [], one?.internalDate ?? null);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I2 twin: b is in INBOX 2 times/)]);
  });

  it('sees a copy come back that a person took away (I2, I3)', async () => {
    const world = await copied();
    const one = world.fresh.mailbox('INBOX').message(3);
    world.act(() => world.fresh.user.expunge('INBOX', 3));
    expect(verdict(world)).toEqual([]);
    world.fresh.mailbox('INBOX').add(one?.body ?? new Uint8Array(), [], one?.internalDate ?? null);
    expect(verdict(world)).toContainEqual(expect.stringMatching(/^I2 twin: b/));
  });

  it("sees a person's own message gone (I3)", async () => {
    const world = await copied();
    world.fresh.mailbox('INBOX').remove([1]);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I3 foreign message gone/)]);
  });

  it("sees a person's mark undone (I3)", async () => {
    const world = await copied();
    world.act(() => world.fresh.user.flag('INBOX', 3, '+', '\\Flagged'));
    world.fresh.mailbox('INBOX').store([3], '-', ['\\Flagged']);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I3 a person's \+\\flagged on b was undone/)]);
  });

  it('sees a message gone that a person marked, though old deleted it (I3)', async () => {
    const world = await copied();
    world.act(() => {
      world.fresh.user.flag('INBOX', 3, '+', '\\Flagged');
      world.old.user.expunge('INBOX', 2);
    });
    world.fresh.mailbox('INBOX').remove([3]);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I3 a message that a person marked is gone/)]);
  });

  it('sees changed bytes (I1, I2, I4)', async () => {
    const world = await copied();
    world.fresh.mailbox('INBOX').rewrite(3, Buffer.from(letter('b').replace('This', 'Thas')));
    expect(verdict(world).map((v) => v.slice(0, 2))).toEqual(['I1', 'I2']);
  });

  it('sees a lost flag, a lost keyword and another date (I4)', async () => {
    const world = await copied();
    world.fresh.mailbox('INBOX').store([2], '-', ['$label']);
    expect(verdict(world)).toEqual([expect.stringMatching(/^I4 a in INBOX/)]);
    expect(verdict(world, { allow: { keywordsLost: ['$label'] } })).toEqual([]);
    const other = await copied();
    const x = other.fresh.mailbox('Archiv').message(1);
    other.fresh.mailbox('Archiv').remove([1]);
    other.fresh.mailbox('Archiv').add(x?.body ?? new Uint8Array(), [], '01-Mar-2020 09:11:12 +0000');
    expect(verdict(other)).toEqual([expect.stringMatching(/^I4 x in Archiv/)]);
  });

  it('sees messages out of order (I4)', async () => {
    const world = await copied();
    const a = world.fresh.mailbox('INBOX').message(2);
    world.fresh.mailbox('INBOX').remove([2]);
    world.fresh.mailbox('INBOX').add(a?.body ?? new Uint8Array(), a?.flags ?? [], a?.internalDate ?? null);
    expect(verdict(world).every((v) => v.startsWith('I4 order'))).toBe(true);
    expect(verdict(world)).toHaveLength(2);
  });

  it('sees a writing command and a change on old (I5)', async () => {
    const world = await copied();
    world.old.log.push({ n: 999, session: 1, op: 'SELECT', mailbox: 'INBOX', count: 0 });
    expect(verdict(world)).toEqual([expect.stringMatching(/^I5 SELECT was sent/)]);
    const seen = await copied();
    seen.old.mailbox('INBOX').store([2], '+', ['\\Seen']);
    expect(verdict(seen, { allow: { flagsMayDiffer: true } })).toEqual(['I5 the old side changed']);
  });

  it('sees effects of a run that had nothing to do (I6)', async () => {
    const world = await copied();
    const from = world.fresh.log.length;
    await run(world);
    expect(notIdle(world.fresh.log.slice(from))).toEqual([]);
    world.journal = new MemoryJournal();
    world.old.mailbox('INBOX').add(Buffer.from(letter('new')), [], null);
    await run(world);
    expect(notIdle(world.fresh.log.slice(from))).toEqual(['I6 APPEND in INBOX though nothing had changed']);
  });

  it('sees another end than without an interruption (I7)', async () => {
    const world = await copied();
    const reference = endState(world.fresh);
    expect(differentEnd(reference, endState((await copied()).fresh))).toEqual([]);
    world.fresh.mailbox('INBOX').store([3], '+', ['\\Seen']);
    world.fresh.state.subscribed.add('Archiv');
    expect(differentEnd(reference, endState(world.fresh))).toHaveLength(2);
  });

  it('sees a refusal without known code, words, subject or date (I9)', async () => {
    const world = await copied();
    world.fresh.mailbox('INBOX').remove([3]);
    const bad = { ...listed, code: 'whatever', reason: ' ', subject: null, date: null };
    expect(verdict(world, { refused: [bad] }).map((v) => v.slice(0, 5))).toEqual(Array(4).fill('I9 b:'));
  });
});
