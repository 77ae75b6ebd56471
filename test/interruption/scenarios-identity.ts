/** Which message is which: twins, lost and old ledgers, changed UIDVALIDITY, outcomes nobody heard of. */
import { MemoryJournal } from '../fakes/memory-journal.ts';
import { letter } from './letters.ts';
import { expungeAndRenumber, loseLedger } from './lose-identity.ts';
import type { Scenario } from './scenario.ts';
import { fill } from './scenarios-copy.ts';
import { type World, worldOf } from './world.ts';

function two(world: World): void {
  fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e');
  fill(world, 'Archiv', 'x', 'y');
  world.old.user.flag('INBOX', 2, '+', '\\Seen');
}

function oneDeletedOneRead(world: World): void {
  world.fresh.user.expunge('INBOX', 2);
  world.old.user.flag('INBOX', 1, '+', '\\Seen');
}

const all = { INBOX: 'a b c d e', Archiv: 'x y' };

function twins(world: World): void {
  const twin = letter('twin');
  const big = letter('big', { sizeBytes: 2600 });
  for (const body of [twin, letter('a'), twin, big, letter('b'), big, twin])
    world.old.user.append('INBOX', body, { internalDate: '01-Mar-2020 10:11:12 +0100' });
}

export const identityScenarios: readonly Scenario[] = [
  {
    title: 'two byte-identical messages arrive as two',
    setUp: twins,
    ends: { INBOX: 'twin a twin big b big twin' },
  },
  {
    title: 'of byte-identical messages that arrived in part, the rest arrives',
    setUp: twins,
    later: [twins],
    ends: { INBOX: 'twin a twin big b big twin twin a twin big b big twin' },
  },
  {
    title: 'messages without, and with the same, Message-ID all arrive',
    setUp: (world) => {
      for (const tag of ['a', 'b']) world.old.user.append('INBOX', letter(tag, { messageId: null }));
      for (const tag of ['c', 'd']) world.old.user.append('INBOX', letter(tag, { messageId: '<same@x>' }));
    },
    ends: { INBOX: 'a b c d' },
  },
  {
    title: 'after a lost ledger what is on new is recognised, and nothing is copied twice',
    setUp: (world) => {
      two(world);
      twins(world);
    },
    later: [loseLedger],
    expect: ({ fresh }) => (fresh.count('APPEND') > 0 ? ['something was sent'] : []),
    ends: { INBOX: 'a b c d e twin a twin big b big twin', Archiv: 'x y' },
    allow: { anyOrder: true },
  },
  {
    title:
      'after a lost ledger mail that was copied by name stays there, though new has an empty mailbox for the use now',
    fresh: { abilities: { createSpecialUse: false } },
    setUp: (world) => fill(world, 'Gesendet', 'x', 'y'),
    later: [
      (world) => {
        loseLedger(world);
        world.fresh.user.create('Sent', { specialUse: ['sent'] });
      },
    ],
    expect: ({ fresh }) => (fresh.count('APPEND') > 0 ? ['something was sent'] : []),
    ends: { Gesendet: 'x y', Sent: '' },
  },
  {
    title: 'after a lost ledger only what is missing is sent',
    setUp: two,
    later: [
      (world) => {
        loseLedger(world);
        world.old.user.append('INBOX', letter('f'));
        fill(world, 'neu', 'n');
      },
    ],
    ends: { ...all, INBOX: 'a b c d e f', neu: 'n' },
  },
  {
    title: 'a ledger restored from a backup before the first copy was complete sends nothing twice',
    setUp: two,
    later: [
      (world) => {
        kept = world.journal.snapshot();
        fill(world, 'INBOX', 'f', 'g', 'h');
        world.old.user.move('INBOX', [1], 'Archiv');
      },
      (world) => {
        world.journal = new MemoryJournal(kept);
        fill(world, 'INBOX', 'i');
      },
    ],
    ends: { INBOX: 'b c d e f g h i', Archiv: 'x y a' },
  },
  {
    title: 'a new UIDVALIDITY on old: messages find their copies again',
    setUp: two,
    later: [
      (world) => {
        expungeAndRenumber(world, 'old', 1);
        fill(world, 'INBOX', 'f');
        world.old.user.flag('INBOX', 3, '+', '\\Flagged');
      },
    ],
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages.some((m) => m.flags.includes('\\Flagged'))
        ? []
        : ['a flag that changed with the UIDVALIDITY was not carried over'],
  },
  {
    title: 'a new UIDVALIDITY on new: copies are found again, and what the user deleted stays away',
    setUp: two,
    later: [
      oneDeletedOneRead,
      (world) => {
        expungeAndRenumber(world, 'fresh');
        fill(world, 'INBOX', 'f');
        world.old.user.flag('INBOX', 3, '+', '\\Answered');
      },
    ],
    ends: { ...all, INBOX: 'a c d e f' },
  },
  {
    title: 'a new UIDVALIDITY on both sides: nothing is copied twice, and what the user deleted stays away',
    setUp: two,
    later: [
      oneDeletedOneRead,
      (world) => {
        expungeAndRenumber(world, 'fresh');
        expungeAndRenumber(world, 'old');
        fill(world, 'INBOX', 'f');
      },
    ],
    ends: { ...all, INBOX: 'a c d e f' },
  },
  {
    title: 'a server without UIDVALIDITY is compared by content in every run',
    setUp: (world) => {
      two(world);
      world.old.misbehave({ kind: 'report', uidValidity: 0, mailbox: 'INBOX' });
    },
    later: [(world) => fill(world, 'INBOX', 'f')],
    ends: { ...all, INBOX: 'a b c d e f' },
  },
  {
    title: 'UIDNEXT that went back on old: UIDs that come again are not taken for known messages',
    setUp: two,
    later: [
      (world) => {
        world.old.user.expunge('INBOX', 4, 5);
        world.old.user.reuseUids('INBOX');
        fill(world, 'INBOX', 'f');
      },
    ],
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages.at(-1)?.body.length === letter('f').length ? [] : ['f did not arrive'],
  },
  {
    title:
      'UIDNEXT that went back on new: a UID that comes again is not taken for our copy, nor removed as one',
    setUp: two,
    later: [
      (world) => {
        world.fresh.user.expunge('INBOX', 4, 5);
        world.fresh.user.reuseUids('INBOX');
        world.fresh.user.append('INBOX', letter('x'));
        world.old.user.expunge('INBOX', 4, 5);
        fill(world, 'INBOX', 'f', 'g');
      },
    ],
    ends: { ...all, INBOX: 'a b c x f g' },
  },
  {
    title: 'UIDNEXT that goes back on new under an open upload: what lands late is found below it',
    setUp: (world) => {
      fill(world, 'INBOX', 'a', 'b', 'c', 'd');
      for (const tag of ['x', 'y', 'z']) world.fresh.user.append('INBOX', letter(tag));
      world.fresh.misbehave({ kind: 'late-commit', mailbox: 'INBOX', afterMs: 4000 });
      world.fresh.misbehave({
        kind: 'meanwhile',
        op: 'SELECT',
        skip: 1,
        act: (server) =>
          worldOf(server).act(({ fresh }) => {
            fresh.user.expunge('INBOX', 2, 3);
            fresh.user.reuseUids('INBOX');
          }),
      });
    },
    ends: { INBOX: 'x a b c d' },
    unrepeatable: true,
  },
  {
    title: 'a wall clock that jumps in the middle of a run changes nothing',
    setUp: (world) => {
      two(world);
      for (const ms of [-3_600_000, 86_400_000]) {
        world.fresh.misbehave({
          kind: 'meanwhile',
          op: 'APPEND',
          act: (server) => worldOf(server).clock.skew(ms),
        });
      }
    },
    ends: all,
  },
  {
    title: 'without UIDPLUS copies are found by UID window and digest',
    fresh: { abilities: { uidPlus: false } },
    setUp: (world) => {
      two(world);
      twins(world);
    },
    later: [(world) => fill(world, 'INBOX', 'f')],
    allow: { anyOrder: true },
  },
  {
    title: 'without MULTIAPPEND all arrive, one command each',
    fresh: { abilities: { multiAppend: false } },
    setUp: two,
    later: [(world) => fill(world, 'INBOX', 'f', 'g', 'h', 'i')],
    ends: { ...all, INBOX: 'a b c d e f g h i' },
    allow: { anyOrder: true },
  },
  {
    title: 'without LITERAL+ all arrive',
    fresh: { abilities: { literal: 'synchronising' } },
    setUp: two,
    ends: all,
  },
  {
    title: 'OK without APPENDUID: the copies are looked for',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({ kind: 'ok-without-appenduid' });
    },
    ends: all,
  },
  ...(['zero', 'other-validity', 'wrong-uids'] as const).map(
    (answer): Scenario => ({
      title: `a nonsense APPENDUID (${answer}) is not believed`,
      setUp: (world) => {
        two(world);
        world.fresh.misbehave({ kind: 'nonsense-appenduid', answer, times: 2 });
      },
      later: [(world) => world.old.user.flag('INBOX', 1, '+', '\\Answered')],
      ends: all,
    }),
  ),
  {
    title: 'a swallowed message is listed, the others arrive',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({ kind: 'swallow', mailbox: 'Archiv', times: 99 });
    },
    refused: { x: 'message-refused', y: 'message-refused' },
    ends: { INBOX: 'a b c d e', Archiv: '' },
    noCuts: true,
  },
  {
    title: 'a swallowed message with an APPENDUID is listed, the others arrive',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({ kind: 'swallow', appendUid: true, mailbox: 'INBOX' });
    },
    refused: {
      a: 'message-refused|outcome-unknown',
      b: 'message-refused|outcome-unknown',
      c: 'message-refused|outcome-unknown',
    },
    ends: { INBOX: 'd e', Archiv: 'x y' },
    unrepeatable: true,
    noCuts: true,
  },
  {
    title: 'a server that stores identical messages once: the second twin is listed',
    setUp: (world) => {
      twins(world);
      world.fresh.misbehave({ kind: 'swallow', when: 'if-identical', times: 9 });
    },
    options: { tuning: { windowMessages: 6, batchMessages: 1, arenaBytes: 4096, streamAboveBytes: 2000 } },
    expect: (world) => {
      const tags = world.fresh.mailbox('INBOX').messages.length;
      return tags === 4 ? [] : [`${tags} messages`];
    },
    refused: { twin: 'message-refused', big: 'message-refused' },
    noCuts: true,
  },
  {
    title: 'a new side that mends line ends: an unknown outcome is still found',
    setUp: (world) => {
      two(world);
      world.old.user.append('INBOX', letter('lf', { body: 'bare\nline\nends\n' }));
      world.old.user.append('INBOX', letter('lf2', { body: 'other\nline\nends\n' }));
      world.fresh.misbehave({ kind: 'canonicalises-line-ends' });
    },
    ends: { ...all, INBOX: 'a b c d e lf lf2' },
    allow: {
      storedAs: (body) =>
        Buffer.from(Buffer.from(body).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1'),
    },
  },
  {
    title: 'a new side that adds a header: an unknown outcome is still found',
    setUp: (world) => {
      two(world);
      twins(world);
      world.fresh.misbehave({ kind: 'adds-header', line: 'X-Scanned: yes' });
    },
    allow: {
      storedAs: (body) => Buffer.concat([Buffer.from('X-Scanned: yes\r\n'), body]),
      anyOrder: true,
    },
  },
  {
    title: 'a lost ledger with a new side that adds a header: nothing is copied twice',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({ kind: 'adds-header', line: 'X-Scanned: yes' });
    },
    later: [loseLedger],
    expect: ({ fresh }) => (fresh.count('APPEND') > 0 ? ['something was sent'] : []),
    allow: { storedAs: (body) => Buffer.concat([Buffer.from('X-Scanned: yes\r\n'), body]) },
  },
  {
    title: 'a new side whose RFC822.SIZE is wrong: an unknown outcome is still found',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({ kind: 'sizes-lie', by: 7 });
    },
    ends: all,
  },
  {
    title: 'an old side whose RFC822.SIZE is wrong delivers all the same',
    setUp: (world) => {
      two(world);
      world.old.misbehave({ kind: 'sizes-lie', by: -9 });
    },
    ends: all,
  },
];

let kept = new MemoryJournal().snapshot();
