/** Uploads in which the new side's connection ends, each time they are tried (F-62). */
import { keywordsOf } from '../../src/sync/flags.ts';
import { tagOf } from './letters.ts';
import type { Scenario } from './scenario.ts';
import { fill } from './scenarios-copy.ts';
import type { World } from './world.ts';

function six(world: World): void {
  fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e', 'f');
  fill(world, 'Archiv', 'x', 'y');
}

/** So many keywords a mailbox has room for. */
const room = 2;

export const deadlyScenarios: readonly Scenario[] = [
  {
    title: 'MULTIAPPEND dies at too many keywords, APPEND says NO: all arrive, with the keywords that fit',
    setUp: (world) => {
      six(world);
      for (const uid of [1, 2, 3, 4, 5]) world.old.user.flag('INBOX', uid, '+', `key${uid}`);
      world.fresh.misbehave({ kind: 'keyword-limit', limit: room, answer: 'refuse' });
      world.fresh.misbehave({
        kind: 'dies-in-append',
        when: (messages, mailbox) => {
          const flags = [...mailbox.messages, ...messages.map((m) => m.message)].flatMap((m) =>
            keywordsOf(m.flags),
          );
          return messages.length > 1 && new Set(flags).size > room;
        },
      });
    },
    ends: { INBOX: 'a b c d e f', Archiv: 'x y' },
    allow: { keywordsLost: 'all' },
    // One loss more, by the network, and the first message is the one that goes without its keyword.
    unrepeatable: true,
    expect: ({ fresh }) => {
      const kept = fresh.mailbox('INBOX').messages.flatMap((m) => keywordsOf(m.flags));
      return kept.length === room ? [] : [`keywords: ${kept.join(' ')}`];
    },
  },
  {
    title: 'a message at which new ends every connection is listed, the others arrive',
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({
        kind: 'dies-in-append',
        when: (messages) => messages.some(({ body }) => tagOf(body) === 'c'),
      });
    },
    ends: { INBOX: 'a b d e f', Archiv: 'x y' },
    refused: { c: 'message-refused' },
  },
  {
    title: 'a keyword at which new ends every connection stays behind, its message does not',
    setUp: (world) => {
      six(world);
      world.old.user.flag('INBOX', 3, '+', 'deadly', '\\Seen');
      world.fresh.misbehave({
        kind: 'dies-in-append',
        when: (messages) => messages.some(({ message }) => message.flags.includes('deadly')),
      });
    },
    ends: { INBOX: 'a b c d e f', Archiv: 'x y' },
    allow: { keywordsLost: 'all' },
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages[2]?.flags.join() === '\\Seen' ? [] : ['the other flags were lost'],
  },
  {
    title: 'the same without MULTIAPPEND: only the message at fault is listed',
    fresh: { abilities: { multiAppend: false } },
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({
        kind: 'dies-in-append',
        when: (messages) => messages.some(({ body }) => tagOf(body) === 'c'),
      });
    },
    ends: { Archiv: 'x y' },
    refused: { c: 'message-refused' },
    allow: { anyOrder: true },
  },
];
