/** Byte-identical messages of different dates and flags: which is which must survive the loss of their UIDs. */
import { letter } from './letters.ts';
import { expungeAndRenumber, loseLedger } from './lose-identity.ts';
import type { Scenario } from './scenario.ts';
import { fill } from './scenarios-copy.ts';
import type { World } from './world.ts';

const dateOf = (day: number) => `0${day}-Mar-2020 10:11:12 +0100`;

function put(world: World, mailbox: string, day: number, flags: readonly string[] = [], sizeBytes = 0): void {
  const body = letter('twin', sizeBytes === 0 ? {} : { sizeBytes });
  world.old.user.append(mailbox, body, { internalDate: dateOf(day), flags });
}

function twins(world: World): void {
  for (const sizeBytes of [0, 2600]) {
    put(world, 'INBOX', 1, ['\\Seen'], sizeBytes);
    put(world, 'INBOX', 2, [], sizeBytes);
    put(world, 'INBOX', 3, ['\\Flagged', 'Work'], sizeBytes);
    put(world, 'INBOX', 2, ['\\Answered'], sizeBytes);
  }
}

/** Dates of a mailbox on new, sorted, as days. */
function days(world: World, mailbox: string): string {
  const dates = world.fresh.mailbox(mailbox).messages.map((m) => Number(m.internalDate?.slice(0, 2)));
  return dates.sort((a, b) => a - b).join(' ');
}

function endsOn(mailbox: string, wanted: string): NonNullable<Scenario['expect']> {
  return (world) => {
    const found = days(world, mailbox);
    return found === wanted ? [] : [`the dates in ${mailbox} are "${found}" instead of "${wanted}"`];
  };
}

export const twinScenarios: readonly Scenario[] = [
  ...[{}, { uidPlus: false }, { multiAppend: false }, { uidPlus: false, multiAppend: false }].map(
    (abilities): Scenario => ({
      title: `twins keep their dates and flags (new without ${Object.keys(abilities).join(', ') || 'nothing'})`,
      fresh: { abilities },
      setUp: twins,
      later: [(world) => world.old.user.flag('INBOX', 2, '+', '\\Flagged')],
      allow: { anyOrder: true },
    }),
  ),
  {
    title: 'after a lost ledger no twin takes the copy of another date',
    setUp: twins,
    later: [
      (world) => {
        // The copy that the first one would be given if only its bytes counted is now that of the second.
        world.fresh.user.expunge('INBOX', 1);
        loseLedger(world);
      },
    ],
    expect: endsOn('INBOX', '1 1 2 2 2 2 3 3'),
    allow: { mayComeBack: true, anyOrder: true },
  },
  {
    title: 'after a new UIDVALIDITY on new no twin takes the copy of another date',
    setUp: (world) => {
      put(world, 'INBOX', 1);
      put(world, 'INBOX', 2);
      fill(world, 'INBOX', 'a');
    },
    later: [(world) => expungeAndRenumber(world, 'fresh', 1)],
    expect: (world) => {
      const found = world.fresh.mailbox('INBOX').messages.map((m) => m.internalDate);
      return found.filter((date) => date === dateOf(2)).length === 1
        ? []
        : ['the second twin is not there once'];
    },
    allow: { mayComeBack: true, anyOrder: true },
  },
  {
    title: 'after a new UIDVALIDITY on old no twin takes the copy of another date',
    setUp: twins,
    later: [
      (world) => {
        expungeAndRenumber(world, 'old', 1, 5);
        // An act of its own, or the judge would see as many of these bytes as before.
        world.act(() => put(world, 'INBOX', 4));
      },
    ],
    allow: { anyOrder: true },
  },
  {
    title: 'a twin of another date that appears where one vanished is no move',
    setUp: (world) => {
      put(world, 'INBOX', 1);
      fill(world, 'Archiv', 'x');
    },
    later: [
      (world) => {
        world.old.user.expunge('INBOX', 1);
        put(world, 'Archiv', 5);
      },
    ],
    expect: ({ fresh }) => {
      const found = fresh.mailbox('Archiv').messages.at(-1)?.internalDate;
      return found === dateOf(5) ? [] : [`the twin has the date ${found}`];
    },
  },
];
