/** People at work on the new side, and mailboxes with odd names, lives and deaths. */
import { letter } from './letters.ts';
import type { Scenario } from './scenario.ts';
import { fill } from './scenarios-copy.ts';
import type { World } from './world.ts';
import { worldOf } from './world.ts';

function two(world: World): void {
  fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e');
  fill(world, 'Archiv', 'x', 'y');
}

const all = { INBOX: 'a b c d e', Archiv: 'x y' };

export const peopleScenarios: readonly Scenario[] = [
  {
    title: 'mail that was on new before, and that arrives there, is left alone',
    setUp: (world) => {
      two(world);
      world.fresh.user.append('INBOX', letter('mine'), { flags: ['\\Seen', 'Work'] });
      world.fresh.user.create('Privat');
      world.fresh.user.append('Privat', letter('private'));
    },
    later: [(world) => world.fresh.user.append('INBOX', letter('new mail'))],
    ends: { INBOX: 'mine a b c d e new mail', Privat: 'private' },
  },
  {
    title: 'a copy that the user made on new before is adopted, not sent again and not deleted',
    setUp: (world) => {
      two(world);
      world.fresh.user.append('INBOX', letter('b'), { internalDate: '02-Mar-2020 10:11:12 +0100' });
    },
    later: [(world) => world.old.user.expunge('INBOX', 2)],
    ends: { INBOX: 'b a c d e' },
  },
  {
    title: 'a mailbox that the user removed on new is parked, and its mail is not copied again',
    setUp: two,
    later: [
      (world) => {
        world.fresh.user.delete('Archiv');
        fill(world, 'Archiv', 'z');
      },
    ],
    ends: { INBOX: 'a b c d e', Archiv: '(no mailbox)' },
    expect: (_, result) =>
      result.problems.some((p) => p.code === 'mailbox-removed-on-new') ? [] : ['not reported'],
    allow: { leftOut: ['Archiv'] },
  },
  {
    title: 'a mailbox that the user removed on new from above another is parked like any other',
    setUp: (world) => {
      two(world);
      fill(world, 'Archiv/2019', 'm');
    },
    later: [
      (world) => {
        world.fresh.user.delete('Archiv');
        fill(world, 'Archiv', 'z');
        fill(world, 'Archiv/2019', 'n');
      },
    ],
    ends: { INBOX: 'a b c d e', 'Archiv/2019': 'm n', Archiv: '(no mailbox)' },
    expect: (_, { problems }) =>
      problems.map((p) => `${p.mailbox} ${p.code}`).join() === 'Archiv mailbox-removed-on-new'
        ? []
        : [`reported: ${JSON.stringify(problems)}`],
    allow: { leftOut: ['Archiv'] },
  },
  ...[true, false].map(
    (objectId): Scenario => ({
      title: `the mapping follows a mailbox that the user renamed on new ${objectId ? 'by OBJECTID' : 'by UIDVALIDITY'}`,
      fresh: { abilities: { objectId } },
      setUp: two,
      later: [
        (world) => {
          world.fresh.user.rename('Archiv', 'Alte Post');
          fill(world, 'Archiv', 'z');
        },
      ],
      ends: { 'Alte Post': 'x y z', Archiv: '(no mailbox)' },
    }),
  ),
  {
    title: 'old moves a message out of a mailbox and deletes it, while the user renames its copy on new',
    setUp: two,
    later: [
      (world) => {
        world.old.user.move('Archiv', [1, 2], 'INBOX');
        world.old.user.delete('Archiv');
        world.fresh.user.rename('Archiv', 'Alte Post');
      },
    ],
    ends: { INBOX: 'a b c d e x y', 'Alte Post': 'x y' },
  },
  {
    title: 'a mailbox that the user removes while it is copied is reported, the rest arrives',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({
        kind: 'meanwhile',
        op: 'APPEND',
        mailbox: 'Archiv',
        act: (server) => worldOf(server).act(() => server.user.delete('Archiv')),
      });
    },
    ends: { INBOX: 'a b c d e' },
    allow: { leftOut: ['Archiv'] },
    unrepeatable: true,
    noCuts: true,
  },
  {
    title: 'new mail and deletions on old during a run are carried over',
    setUp: (world) => {
      two(world);
      world.old.misbehave({
        kind: 'meanwhile',
        op: 'FETCH BODY',
        mailbox: 'INBOX',
        act: (server) =>
          worldOf(server).act(() => {
            server.user.append('INBOX', letter('late'), { internalDate: '09-Mar-2020 10:11:12 +0100' });
            server.user.expunge('INBOX', 2);
            server.user.flag('INBOX', 1, '+', '\\Flagged');
          }),
      });
    },
    noCuts: true,
    expect: (world) => {
      const olds = world.old.mailbox('INBOX').messages.length;
      const news = world.fresh.mailbox('INBOX').messages.length;
      return olds === news ? [] : [`${olds} on old, ${news} on new`];
    },
  },
  {
    title: 'names that are not legal on new are escaped, each to a name of its own',
    old: { delimiter: '.' },
    setUp: (world) => {
      fill(world, 'a/b', '1');
      fill(world, 'a=2Fb', '2');
      fill(world, 'R&D', '3');
      fill(world, 'r\xc3\xa9sum\xc3\xa9', '4');
      fill(world, 'stern*%', '5');
      fill(world, ' blank ', '6');
      fill(world, 'Liste.2019', '7');
      fill(world, '"quoted\\', '8');
      fill(world, 'NIL', '9');
      fill(world, 'tab\there', '10');
    },
    expect: ({ fresh }) => {
      const names = fresh.names().filter((name) => name !== 'INBOX');
      return names.length === 10 ? [] : [`mailboxes: ${names.join(', ')}`];
    },
  },
  {
    title: 'names of 255 octets, and longer than new takes, arrive shortened and different',
    setUp: (world) => {
      fill(world, 'x'.repeat(255), '1');
      fill(world, `${'x'.repeat(250)}yyyyy`, '2');
      fill(world, '&AOQ-'.repeat(50), '3');
    },
    expect: ({ fresh }) => (fresh.names().length === 4 ? [] : [`mailboxes: ${fresh.names().join(', ')}`]),
  },
  {
    title: 'on a new side that takes Sent and sent for one, both keep a mailbox of their own',
    setUp: (world) => {
      fill(world, 'Liste', '1', '2');
      fill(world, 'liste', '3');
      world.fresh.misbehave({ kind: 'case-insensitive-names' });
    },
    later: [(world) => fill(world, 'liste', '4')],
    expect: ({ fresh }) => {
      const contents = fresh
        .names()
        .map((name) => fresh.mailbox(name).messages.length)
        .sort((a, b) => a - b)
        .join(' ');
      return contents === '0 2 2' ? [] : [`contents: ${contents}`];
    },
  },
  {
    title: 'a prefix and another delimiter on new',
    fresh: { delimiter: '.', prefix: 'INBOX.' },
    setUp: (world) => {
      two(world);
      fill(world, 'Archiv/2019', 'old');
      fill(world, 'v1.2', 'dotted');
    },
    ends: { 'INBOX.Archiv': 'x y', 'INBOX.Archiv.2019': 'old' },
  },
  {
    title: 'a prefix on old is taken off',
    old: { delimiter: '.', prefix: 'INBOX.' },
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      fill(world, 'INBOX.Archiv.2019', 'x');
    },
    ends: { INBOX: 'a', 'Archiv/2019': 'x' },
  },
  {
    title: 'parents that do not exist are made where new demands them',
    fresh: { superiors: 'required' },
    setUp: (world) => {
      two(world);
      fill(world, 'ganz/tief/unten', 'u');
    },
    ends: { 'ganz/tief/unten': 'u' },
  },
  {
    title:
      'a mailbox that is listed but cannot be opened is reported, also in later runs, and the rest arrives',
    setUp: (world) => {
      two(world);
      world.old.misbehave({ kind: 'not-selectable', mailbox: 'Archiv' });
    },
    later: [
      (world) => {
        fill(world, 'INBOX', 'f');
        fill(world, 'Archiv', 'z');
      },
    ],
    ends: { INBOX: 'a b c d e f' },
    expect: (_, result) =>
      result.problems.some((p) => p.code === 'mailbox-unusable') ? [] : ['not reported'],
    allow: { leftOut: ['Archiv'] },
  },
  {
    title: 'a mailbox that cannot be opened any more in a later run keeps its copies, and the rest arrives',
    setUp: two,
    later: [
      (world) => {
        fill(world, 'INBOX', 'f');
        fill(world, 'Archiv', 'z');
        world.old.misbehave({ kind: 'not-selectable', mailbox: 'Archiv', statusToo: true });
      },
    ],
    ends: { INBOX: 'a b c d e f', Archiv: 'x y' },
    allow: { leftOut: ['Archiv'] },
  },
  {
    title: 'a mailbox whose SELECT fails in a later run does not stop the others',
    setUp: two,
    later: [
      (world) => {
        fill(world, 'INBOX', 'f');
        fill(world, 'Archiv', 'z');
        world.old.misbehave({ kind: 'not-selectable', mailbox: 'Archiv' });
      },
    ],
    ends: { INBOX: 'a b c d e f', Archiv: 'x y' },
    allow: { leftOut: ['Archiv'] },
  },
  {
    title: 'a mailbox that new does not create is reported, the rest arrives',
    setUp: (world) => {
      two(world);
      world.old.user.subscribe('Archiv');
      world.fresh.misbehave({ kind: 'create-refused', mailbox: 'Archiv' });
    },
    ends: all.INBOX === '' ? {} : { INBOX: all.INBOX },
    expect: (_, result) =>
      result.problems.some((p) => p.code === 'mailbox-not-created') ? [] : ['not reported'],
    allow: { leftOut: ['Archiv'] },
    retries: true,
  },
  {
    title: 'CREATE refused though the mailbox exists',
    setUp: (world) => {
      two(world);
      world.fresh.misbehave({ kind: 'create-refused-though-there' });
    },
    ends: all,
  },
  {
    title: 'equal UIDVALIDITYs: the new mailbox is made again before anything is in it',
    old: { firstUidValidity: 500 },
    fresh: { firstUidValidity: 499 },
    setUp: (world) => {
      fill(world, 'Archiv', 'x');
      world.fresh.state.nextUidValidity = world.old.mailbox('Archiv').uidValidity;
    },
    ends: { Archiv: 'x' },
    expect: ({ old, fresh }) =>
      old.mailbox('Archiv').uidValidity === fresh.mailbox('Archiv').uidValidity
        ? ['the UIDVALIDITYs are equal']
        : [],
  },
  {
    title: 'an old side that lists nothing at all changes nothing on new',
    setUp: two,
    later: [(world) => void world.old.misbehave({ kind: 'list-empty' })],
    ends: all,
    allow: { leftOut: ['INBOX', 'Archiv'] },
  },
  {
    title: 'a wrong backend (all mailboxes there, no message) deletes nothing on new',
    setUp: two,
    later: [(world) => void world.old.misbehave({ kind: 'everything-vanished' })],
    ends: all,
    expect: (_, result) => (result.deletionsStopped === null ? ['deletions were not stopped'] : []),
  },
  {
    title: 'VANISHED that lies about messages deletes nothing that is there',
    setUp: two,
    later: [
      (world) => {
        world.old.misbehave({ kind: 'vanished-lies', claims: [1, 2, 3] });
        world.old.user.flag('INBOX', 1, '+', '\\Seen');
        world.old.user.expunge('INBOX', 4);
      },
    ],
    ends: { INBOX: 'a b c e' },
  },
  {
    title: 'HIGHESTMODSEQ that goes back: flags are compared in full',
    setUp: two,
    later: [
      (world) => {
        world.old.user.setHighestModSeq('INBOX', 1n);
        world.old.user.flag('INBOX', 2, '+', '\\Seen');
      },
    ],
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages[1]?.flags.includes('\\Seen') ? [] : ['the flag did not arrive'],
  },
  {
    title: 'two accounts that look the same are told apart by a canary, which is taken away again',
    old: { firstUidValidity: 1_000_001 },
    fresh: { firstUidValidity: 1_000_001 },
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.fresh.user.append('INBOX', letter('mine'));
    },
    ends: { INBOX: 'mine a' },
    expect: ({ fresh }) => (fresh.names().length === 1 ? [] : [`mailboxes: ${fresh.names().join(' ')}`]),
  },
  {
    title: 'one account on both sides is refused by its address',
    identity: { host: 'mail.example', user: 'anna' },
    setUp: two,
    fails: 'same-account',
  },
  {
    title:
      'a mailbox deleted and made again under the same name on old between runs: the new mail arrives, the old stays',
    setUp: two,
    later: [
      (world) => {
        world.old.user.delete('Archiv');
        fill(world, 'Archiv', 'z');
      },
    ],
    ends: { Archiv: 'x y z' },
  },
];
