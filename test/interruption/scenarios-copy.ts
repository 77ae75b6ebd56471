/** First copies, and what new and changed mail on old does in later runs. */
import { letter } from './letters.ts';
import type { Scenario } from './scenario.ts';
import { type World, worldOf } from './world.ts';

const date = (day: number) => `0${day}-Mar-2020 10:11:12 +0100`;

export function fill(world: World, name: string, ...tags: string[]): void {
  for (const [i, tag] of tags.entries())
    world.old.user.append(name, letter(tag), { internalDate: date((i % 9) + 1) });
}

function severalMailboxes(world: World): void {
  const { user } = world.old;
  fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e');
  user.flag('INBOX', 1, '+', '\\Seen', '$Forwarded');
  user.flag('INBOX', 3, '+', '\\Answered', '\\Flagged', '\\Deleted');
  user.create('Gesendet', { specialUse: ['sent'] });
  fill(world, 'Gesendet', 's1', 's2');
  user.create('Archiv/2019/Reisen');
  fill(world, 'Archiv/2019/Reisen', 'r1');
  user.create('leer');
  user.subscribe('Gesendet', 'leer', 'INBOX');
  world.fresh.user.create('Sent', { specialUse: ['sent'] });
}

export const copyScenarios: readonly Scenario[] = [
  {
    title: 'a first copy brings every mailbox, with flags, dates, special uses and subscriptions',
    setUp: severalMailboxes,
    ends: { INBOX: 'a b c d e', Sent: 's1 s2', 'Archiv/2019/Reisen': 'r1', leer: '' },
    expect: ({ fresh }) => [
      ...(fresh.mailbox('INBOX').messages[2]?.flags.includes('\\Deleted')
        ? ['\\Deleted was set on new']
        : []),
      ...(fresh.state.subscribed.has('Sent') && fresh.state.subscribed.has('leer') ? [] : ['not subscribed']),
    ],
  },
  {
    title:
      'with --since only what is in range comes, and no mailbox for nothing, but parents and special uses',
    setUp: (world) => {
      const { user } = world.old;
      fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e');
      for (const name of ['alt', 'alt/tief', 'leer', 'Oben', 'Oben/Neues']) user.create(name);
      user.create('Papierkorb', { specialUse: ['trash'] });
      for (const name of ['alt', 'alt/tief', 'Oben', 'Papierkorb']) fill(world, name, `${name}1`);
      fill(world, 'Oben/Neues', 'n1', 'n2', 'n3', 'n4');
      user.subscribe('alt', 'Oben', 'leer');
    },
    later: [(world) => fill(world, 'INBOX', 'f', 'g', 'h')],
    options: { sinceMs: Date.UTC(2020, 2, 3) },
    ends: { INBOX: 'c d e h', Oben: '', 'Oben/Neues': 'n3 n4', Papierkorb: '' },
    allow: { datesLeftOut: (internalDate) => /^0[12]-Mar/.test(internalDate ?? '') },
    expect: ({ fresh }) => {
      const { subscribed, mailboxes } = fresh.state;
      const wrong = [...subscribed, ...mailboxes.keys()].filter((name) => /^(alt|leer)/.test(name));
      return [
        ...wrong.map((name) => `${name} is there`),
        ...(subscribed.has('Oben') ? [] : ['not subscribed']),
      ];
    },
  },
  {
    title: 'a later run brings only the new mail',
    setUp: severalMailboxes,
    later: [
      (world) => {
        fill(world, 'INBOX', 'f', 'g', 'h', 'i');
        fill(world, 'neu', 'n1');
      },
    ],
    ends: { INBOX: 'a b c d e f g h i', neu: 'n1' },
  },
  {
    title: 'messages expunged on old are removed on new',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.old.user.expunge('INBOX', 2, 4);
        world.old.user.expunge('Gesendet', 1);
      },
    ],
    ends: { INBOX: 'a c e', Sent: 's2' },
  },
  {
    title: 'a message expunged on old stays where the user marked it on new',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.fresh.user.flag('INBOX', 2, '+', '\\Flagged');
        world.fresh.user.flag('INBOX', 1, '-', '\\Seen');
        world.old.user.expunge('INBOX', 1, 2, 4);
      },
    ],
    ends: { INBOX: 'a b c e' },
  },
  {
    title: 'flags changed on old and then the message deleted: our own change does not keep it',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.old.user.flag('INBOX', 2, '+', '\\Seen');
        world.old.misbehave({
          kind: 'meanwhile',
          op: 'LIST',
          skip: 1,
          act: (server) => worldOf(server).act(() => server.user.expunge('INBOX', 2)),
        });
      },
    ],
    ends: { INBOX: 'a c d e' },
    noCuts: true,
  },
  {
    title: 'with deletions kept, nothing is removed on new',
    options: { deletions: 'keep' },
    setUp: severalMailboxes,
    later: [(world) => world.old.user.expunge('INBOX', 2, 4)],
    ends: { INBOX: 'a b c d e' },
  },
  {
    title: 'flags changed on old are carried over, and those the user changed on new stay',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.old.user.flag('INBOX', 1, '-', '\\Seen');
        world.old.user.flag('INBOX', 2, '+', '\\Seen', '$Label1');
        world.old.user.flag('INBOX', 4, '+', '\\Answered');
        world.fresh.user.flag('INBOX', 1, '+', '\\Flagged');
        world.fresh.user.flag('INBOX', 3, '-', '\\Answered');
        world.fresh.user.flag('INBOX', 5, '+', '\\Seen', 'Work');
      },
      (world) => {
        world.old.user.flag('INBOX', 5, '+', '\\Draft');
        world.old.user.flag('INBOX', 3, '-', '\\Flagged');
      },
    ],
    expect: ({ fresh }) => {
      const flags = (uid: number) => [...(fresh.mailbox('INBOX').message(uid)?.flags ?? [])].sort().join(' ');
      const wanted = ['$Forwarded \\Flagged', '$Label1 \\Seen', '', '\\Answered', 'Work \\Draft \\Seen'];
      return wanted.flatMap((text, i) =>
        flags(i + 1) === text ? [] : [`flags of ${i + 1}: ${flags(i + 1)}, not ${text}`],
      );
    },
  },
  {
    title: 'flags are followed on servers without CONDSTORE',
    old: { abilities: { condStore: false, qResync: false } },
    fresh: { abilities: { condStore: false, qResync: false } },
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.old.user.flag('INBOX', 2, '+', '\\Seen');
        world.fresh.user.flag('INBOX', 3, '-', '\\Answered');
      },
    ],
  },
  {
    title: 'a message moved to another mailbox on old is moved on new',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.fresh.user.flag('INBOX', 4, '+', '\\Flagged');
        world.old.user.move('INBOX', [2, 4], 'leer');
        world.old.user.move('Gesendet', [1], 'INBOX');
      },
    ],
    ends: { INBOX: 'a c e s1', leer: 'b d', Sent: 's2' },
    expect: ({ fresh }, result) => [
      ...(fresh.mailbox('leer').messages[1]?.flags.includes('\\Flagged')
        ? []
        : ['the mark did not move along']),
      ...(result.counts.moved <= 3 ? [] : [`${result.counts.moved} moved`]),
    ],
  },
  {
    title: 'a move on old is followed on servers without MOVE and without UIDPLUS',
    fresh: { abilities: { move: false, uidPlus: false } },
    setUp: severalMailboxes,
    later: [(world) => world.old.user.move('INBOX', [2, 4], 'leer')],
    ends: { leer: 'b d' },
  },
  {
    title: 'a mailbox renamed on old is renamed on new, with what lies below it',
    setUp: (world) => {
      severalMailboxes(world);
      fill(world, 'Archiv', 'x1', 'x2');
    },
    later: [
      (world) => {
        world.old.user.rename('Archiv', 'Ablage');
        fill(world, 'Ablage', 'x3');
      },
    ],
    ends: { Ablage: 'x1 x2 x3', 'Ablage/2019/Reisen': 'r1', Archiv: '(no mailbox)' },
  },
  {
    title: 'a rename on old is recognised without OBJECTID',
    old: { abilities: { objectId: false } },
    fresh: { abilities: { objectId: false } },
    setUp: (world) => {
      severalMailboxes(world);
      fill(world, 'Projekte', 'x1', 'x2');
    },
    later: [(world) => world.old.user.rename('Projekte', 'Vorhaben')],
    ends: { Vorhaben: 'x1 x2', Projekte: '(no mailbox)' },
  },
  {
    title: 'a mailbox renamed on old whose name another one took at once',
    setUp: (world) => {
      severalMailboxes(world);
      fill(world, 'Projekte', 'x1', 'x2');
    },
    later: [
      (world) => {
        world.old.user.rename('Projekte', 'Vorhaben');
        fill(world, 'Projekte', 'y1');
      },
    ],
    ends: { Vorhaben: 'x1 x2', Projekte: 'y1' },
  },
  {
    title: 'a mailbox deleted on old stops deletions: its mail stays on new',
    setUp: severalMailboxes,
    later: [(world) => world.old.user.delete('Archiv/2019/Reisen')],
    ends: { 'Archiv/2019/Reisen': 'r1' },
    expect: (_, result) => (result.deletionsStopped === null ? ['deletions were not stopped'] : []),
  },
  {
    title: 'an empty mailbox that we made and that is gone on old is removed on new',
    setUp: severalMailboxes,
    later: [(world) => world.old.user.delete('leer')],
    ends: { leer: '(no mailbox)' },
  },
  {
    title: 'when most of an account vanishes, nothing is deleted on new',
    setUp: (world) => fill(world, 'INBOX', ...Array.from({ length: 14 }, (_, i) => `m${i}`)),
    later: [(world) => world.old.user.expunge('INBOX', ...Array.from({ length: 14 }, (_, i) => i + 1))],
    ends: { INBOX: Array.from({ length: 14 }, (_, i) => `m${i}`).join(' ') },
    expect: (_, result) => (result.deletionsStopped === null ? ['deletions were not stopped'] : []),
  },
  {
    title:
      'a mass of deletions is carried out once a person has confirmed it, also in a run after the one that stopped',
    options: { confirmDeletions: true },
    setUp: (world) => fill(world, 'INBOX', ...Array.from({ length: 14 }, (_, i) => `m${i}`)),
    later: [(world) => world.old.user.expunge('INBOX', ...Array.from({ length: 13 }, (_, i) => i + 1))],
    ends: { INBOX: 'm13' },
  },
  {
    title: 'subscriptions are carried over once: whoever unsubscribes on new is not overruled',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.fresh.user.unsubscribe('leer');
        fill(world, 'leer', 'l1');
      },
    ],
    expect: ({ fresh }) => (fresh.state.subscribed.has('leer') ? ['subscribed again'] : []),
  },
  {
    title: 'a copy that the user deleted or moved on new never comes back',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.fresh.user.expunge('INBOX', 2);
        world.fresh.user.move('INBOX', [4], 'leer');
        fill(world, 'INBOX', 'f');
      },
      (world) => world.old.user.flag('INBOX', 2, '+', '\\Seen'),
    ],
    ends: { INBOX: 'a c e f', leer: 'd' },
  },
  {
    title: 'a copy that the user deleted on new does not come back when old moves the message',
    setUp: severalMailboxes,
    later: [
      (world) => {
        world.fresh.user.expunge('INBOX', 2);
        world.old.user.move('INBOX', [2, 3], 'leer');
      },
    ],
    ends: { INBOX: 'a d e', leer: 'c' },
  },
];
