/** Messages that the new side refuses, or that the old side does not deliver. */
import type { Refusal } from '../../src/sync/mail-store.ts';
import { letter } from './letters.ts';
import type { Scenario } from './scenario.ts';
import { fill } from './scenarios-copy.ts';
import { worldOf, type World } from './world.ts';

function six(world: World): void {
  fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e', 'f');
}

const big = (tag: string, sizeBytes = 2600) => letter(tag, { sizeBytes });
const at = { internalDate: '05-Mar-2020 10:11:12 +0100' };

const forNow: Refusal = { class: 'temporary', code: 'INUSE', text: 'Mailbox is locked' };

function refuseForNow(
  world: World,
  when: (message: { readonly body: Uint8Array }) => boolean,
  reason = forNow,
): void {
  world.fresh.misbehave({ kind: 'refuse-if', when, reason });
}

export const refusedScenarios: readonly Scenario[] = [
  {
    title: 'over quota in the middle: order is kept, the rest is listed',
    fresh: { quota: { messages: 4 } },
    setUp: six,
    ends: { INBOX: 'a b c d' },
    refused: { e: 'over-quota', f: 'over-quota' },
    retries: true,
  },
  {
    title: 'over quota by octets: a smaller message is not smuggled past',
    fresh: { quota: { storageBytes: 2000 } },
    setUp: (world) => {
      fill(world, 'INBOX', 'a', 'b');
      world.old.user.append('INBOX', letter('c', { sizeBytes: 1900 }), at);
      fill(world, 'INBOX', 'd');
    },
    ends: { INBOX: 'a b' },
    refused: { c: 'over-quota', d: 'over-quota' },
    retries: true,
  },
  {
    title: 'when the quota is raised all arrive',
    fresh: { quota: { messages: 4 } },
    setUp: six,
    later: [(world) => world.fresh.user.setQuota({})],
    ends: { INBOX: 'a b c d e f' },
  },
  {
    title: 'over quota told by text only',
    fresh: { quota: { messages: 3 } },
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({ kind: 'quota-by-text-only' });
    },
    ends: { INBOX: 'a b c' },
    refused: { d: 'over-quota', e: 'over-quota', f: 'over-quota' },
    retries: true,
  },
  {
    title: 'too large for a known limit: not sent, listed',
    fresh: { abilities: { appendLimitBytes: 1000 } },
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', big('huge'), at);
      fill(world, 'INBOX', 'b');
    },
    ends: { INBOX: 'a b' },
    refused: { huge: 'message-too-large' },
  },
  {
    title: 'when the known limit is raised the large message arrives',
    fresh: { abilities: { appendLimitBytes: 1000 } },
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', big('huge'), at);
    },
    later: [(world) => world.fresh.setAbilities({ appendLimitBytes: 10_000 })],
    ends: { INBOX: 'a huge' },
  },
  {
    title: 'too large for an unknown limit: listed, the others arrive in order',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('large', { sizeBytes: 1500 }), at);
      world.old.user.append('INBOX', big('huge'), at);
      fill(world, 'INBOX', 'b');
      world.fresh.misbehave({ kind: 'refuse-large', overBytes: 1000 });
    },
    ends: { INBOX: 'a b' },
    refused: { huge: 'message-too-large', large: 'message-too-large' },
  },
  {
    title: 'a message refused in the middle of a batch is found, the others arrive in order',
    setUp: (world) => {
      six(world);
      world.old.user.append('INBOX', letter('bad', { body: 'EICAR\r\n' }), at);
      fill(world, 'INBOX', 'g', 'h');
      world.fresh.misbehave({ kind: 'refuse-virus', signature: 'EICAR' });
    },
    ends: { INBOX: 'a b c d e f g h' },
    refused: { bad: 'message-refused' },
  },
  {
    title: 'a line that new finds too long: listed, the others arrive',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('long', { body: `${'x'.repeat(1200)}\r\n` }), at);
      fill(world, 'INBOX', 'b');
      world.fresh.misbehave({ kind: 'refuse-long-line', overBytes: 998 });
    },
    ends: { INBOX: 'a b' },
    refused: { long: 'message-refused' },
  },
  {
    title: 'a refused message is tried again on demand',
    setUp: (world) => {
      world.old.user.append('INBOX', letter('bad', { body: 'EICAR\r\n' }), at);
      world.fresh.misbehave({ kind: 'refuse-virus', signature: 'EICAR' });
      six(world);
    },
    options: { retryRefused: true },
    later: [(world) => world.fresh.behave()],
    ends: { INBOX: 'a b c d e f bad' },
    allow: { anyOrder: true },
  },
  {
    title: '8-bit header refused: sent again as literal8, and listed where that is refused too',
    setUp: (world) => {
      six(world);
      world.old.user.append('INBOX', letter('eight', { extra: ['X-Name: M\xfcller'] }), at);
      fill(world, 'INBOX', 'g');
      world.fresh.misbehave({ kind: 'refuse-8bit-header', times: 2 });
      world.fresh.misbehave({
        kind: 'refuse-if',
        when: ({ message, body }) => !message.binary && body.includes(0xfc),
        reason: { class: 'content', code: null, text: 'Message contains invalid header' },
      });
    },
    ends: { INBOX: 'a b c d e f eight g' },
    noCuts: true,
    allow: { anyOrder: true },
  },
  {
    title: '8-bit header refused for good: listed',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('eight', { extra: ['X-Name: M\xfcller'] }), at);
      fill(world, 'INBOX', 'b');
      world.fresh.misbehave({ kind: 'refuse-8bit-header' });
    },
    ends: { INBOX: 'a b' },
    refused: { eight: 'message-refused' },
  },
  {
    title: 'NUL goes as literal8, bytes unchanged',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('nul', { body: 'a\0b\r\n' }), at);
      world.old.user.append('INBOX', letter('bignul', { body: `\0${'x'.repeat(2600)}\r\n` }), at);
      fill(world, 'INBOX', 'b');
    },
    expect: ({ fresh }) => (fresh.mailbox('INBOX').messages.length === 4 ? [] : ['not all arrived']),
    allow: { anyOrder: true },
  },
  {
    title: 'NUL where literal8 is not offered: listed',
    fresh: { abilities: { binary: false } },
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('nul', { body: 'a\0b\r\n' }), at);
      fill(world, 'INBOX', 'b');
    },
    ends: { INBOX: 'a b' },
    refused: { nul: 'message-refused' },
  },
  {
    title: 'an empty message, one without a header end and one without a last line end arrive as they are',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', '', at);
      world.old.user.append('INBOX', 'Subject: only', at);
      world.old.user.append('INBOX', 'Subject: cut\r\n\r\nno end', at);
      world.old.user.append('INBOX', 'Subject: cr\r\n\r\na\rb\nc\r\n', at);
      fill(world, 'INBOX', 'b');
    },
    ends: { INBOX: 'a (0 octets) only cut cr b' },
  },
  {
    title: 'an empty message that new refuses is listed',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', '', at);
      fill(world, 'INBOX', 'b');
      world.fresh.misbehave({ kind: 'refuse-empty' });
    },
    ends: { INBOX: 'a b' },
    refused: { '(0 octets)': 'message-refused' },
  },
  {
    title: 'a flag that new refuses is dropped, the message arrives and keeps the others',
    setUp: (world) => {
      six(world);
      world.old.user.flag('INBOX', 2, '+', '$Bad', '\\Seen');
      world.old.user.flag('INBOX', 3, '+', '$Good', '\\Flagged');
      world.fresh.misbehave({ kind: 'refuse-flags', flag: '$Bad' });
    },
    ends: { INBOX: 'a b c d e f' },
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages[2]?.flags.includes('$Good') ? [] : ['$Good was lost with $Bad'],
    allow: { keywordsLost: ['$bad'] },
  },
  {
    title: 'illegal flags on old do not hinder a message',
    setUp: (world) => {
      six(world);
      world.old.mailbox('INBOX').store([2], '+', ['NIL', 'b\xe4d', '\\Recent', '\\Odd', 'fine']);
    },
    ends: { INBOX: 'a b c d e f' },
    allow: { keywordsLost: ['nil', 'b\xe4d', '\\odd'] },
    expect: ({ fresh }) => {
      const flags = fresh.mailbox('INBOX').messages[1]?.flags.join(' ');
      return flags === 'fine' ? [] : [`flags ${flags}`];
    },
  },
  ...(['drop', 'refuse'] as const).map(
    (answer): Scenario => ({
      title: `keywords beyond the new side's limit (${answer}) are dropped, no message is lost`,
      setUp: (world) => {
        six(world);
        for (const uid of [1, 2, 3, 4, 5]) world.old.user.flag('INBOX', uid, '+', `key${uid}`, '\\Seen');
        world.fresh.misbehave({ kind: 'keyword-limit', limit: 2, answer });
      },
      later: [(world) => world.old.user.flag('INBOX', 6, '+', 'key6', '\\Seen')],
      ends: { INBOX: 'a b c d e f' },
      allow: { keywordsLost: 'all' },
      expect: ({ fresh }) =>
        fresh.mailbox('INBOX').messages.every((m) => m.flags.includes('\\Seen')) ? [] : ['\\Seen was lost'],
    }),
  ),
  {
    title: 'keywords that PERMANENTFLAGS excludes are not sent',
    setUp: (world) => {
      six(world);
      world.old.user.flag('INBOX', 2, '+', 'key', '\\Seen');
      world.fresh.misbehave({ kind: 'keywords-not-permitted', answer: 'refuse' });
    },
    later: [(world) => world.old.user.flag('INBOX', 3, '+', 'key2', '\\Seen')],
    ends: { INBOX: 'a b c d e f' },
    allow: { keywordsLost: 'all' },
  },
  {
    title: 'a server that loses flags on APPEND gets them by STORE',
    setUp: (world) => {
      six(world);
      world.old.user.flag('INBOX', 2, '+', '\\Seen');
      world.old.user.flag('INBOX', 4, '+', '\\Flagged', '$Label');
      world.fresh.misbehave({ kind: 'flags-lost-on-append' });
    },
  },
  {
    title: 'a message without a usable INTERNALDATE gets that of its Received header',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('undated'), { internalDate: null });
      fill(world, 'INBOX', 'b');
    },
    ends: { INBOX: 'a undated b' },
    allow: { datesMayDiffer: true },
    expect: ({ fresh }) => {
      const date = fresh.mailbox('INBOX').messages[1]?.internalDate;
      return date === '03-Mar-2020 10:11:12 +0100' || date === ' 3-Mar-2020 10:11:12 +0100'
        ? []
        : [`date ${date}`];
    },
  },
  {
    title: 'a date that new refuses is left out, the message arrives',
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({
        kind: 'refuse-if',
        when: ({ message, body }) => message.internalDate !== null && Buffer.from(body).includes('of c'),
        reason: { class: 'bad-date', code: null, text: 'BAD Invalid internal date' },
      });
      world.old.user.append('INBOX', letter('of c'), at);
    },
    allow: { datesMayDiffer: true },
    expect: ({ fresh }) => (fresh.mailbox('INBOX').messages.length === 7 ? [] : ['not all arrived']),
  },
  {
    title: 'a message that goes between listing and fetch is neither an error nor refused',
    setUp: (world) => {
      six(world);
      world.old.misbehave({ kind: 'gone-before-fetch', uid: 3 });
    },
    allow: { oldChanges: true },
    expect: (_, result) => (result.messages.vanished <= 1 ? [] : ['counted more than once']),
  },
  {
    title: 'a message without a body is listed as unreadable, the others arrive',
    setUp: (world) => {
      six(world);
      world.old.misbehave({ kind: 'nil-body', uid: 3 });
    },
    ends: { INBOX: 'a b d e f' },
    refused: { c: 'message-unreadable' },
    allow: { namelessCodes: ['message-unreadable'] },
  },
  {
    title: 'a message whose FETCH is refused is listed as unreadable, the others arrive',
    setUp: (world) => {
      six(world);
      world.old.misbehave({ kind: 'refuse-fetch', uid: 2 });
    },
    refused: { b: 'message-unreadable' },
    allow: { anyOrder: true, namelessCodes: ['message-unreadable'] },
    expect: ({ fresh }) => (fresh.mailbox('INBOX').messages.length === 5 ? [] : ['not all arrived']),
  },
  {
    title: 'a poisonous message that kills the session each time is quarantined, the others arrive',
    setUp: (world) => {
      six(world);
      fill(world, 'INBOX', 'g', 'h', 'i', 'j');
      world.old.user.append('INBOX', big('k'), at);
      fill(world, 'Archiv', 'x', 'y');
      world.old.misbehave({ kind: 'poison', uid: 4, mailbox: 'INBOX' });
      world.old.misbehave({ kind: 'poison', uid: 8, mailbox: 'INBOX' });
      world.old.misbehave({ kind: 'poison', uid: 11, mailbox: 'INBOX' });
    },
    ends: { INBOX: 'a b c e f g i j', Archiv: 'x y' },
    refused: { d: 'message-unreadable', h: 'message-unreadable', k: 'message-unreadable' },
    allow: { namelessCodes: ['message-unreadable'] },
  },
  {
    title: 'a literal of the wrong length costs a retry, no message',
    setUp: (world) => {
      six(world);
      world.old.misbehave({ kind: 'wrong-literal-length', uid: 3, by: 5 });
    },
    ends: { INBOX: 'a b c d e f' },
  },
  {
    title: 'bodies that come in another order arrive in order of UIDs',
    setUp: (world) => {
      six(world);
      world.old.misbehave({ kind: 'bodies-out-of-order' });
    },
    allow: { anyOrder: true },
    expect: ({ fresh }) => (fresh.mailbox('INBOX').messages.length === 6 ? [] : ['not all arrived']),
  },
  {
    title: 'a refusal for now is waited out',
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({ kind: 'refuse-literal', times: 2 });
    },
    ends: { INBOX: 'a b c d e f' },
  },
  {
    title: 'a message that new refuses "for now" each time is listed, the others arrive in order',
    setUp: (world) => {
      six(world);
      world.old.user.append('INBOX', letter('stuck', { body: 'LOCKED\r\n' }), at);
      fill(world, 'INBOX', 'g', 'h');
      refuseForNow(world, ({ body }) => Buffer.from(body).includes('LOCKED'));
    },
    ends: { INBOX: 'a b c d e f g h' },
    refused: { stuck: 'temporarily-refused' },
    retries: true,
  },
  {
    title: 'a message refused "for now" without MULTIAPPEND, and one that is alone in its mailbox',
    fresh: { abilities: { multiAppend: false } },
    setUp: (world) => {
      six(world);
      world.old.user.append('INBOX', letter('stuck', { body: 'LOCKED\r\n' }), at);
      world.old.user.append('INBOX', letter('stuck2', { body: 'LOCKED\r\n' }), at);
      fill(world, 'INBOX', 'g', 'h');
      world.old.user.append('Archiv', letter('stuck3', { body: 'LOCKED\r\n' }), at);
      refuseForNow(world, ({ body }) => Buffer.from(body).includes('LOCKED'));
    },
    ends: { INBOX: 'a b c d e f g h', Archiv: '' },
    refused: {
      stuck: 'temporarily-refused',
      stuck2: 'temporarily-refused',
      stuck3: 'temporarily-refused',
    },
    retries: true,
  },
  {
    title: 'a big message refused "for now" each time is listed, the others arrive',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', big('huge'), at);
      fill(world, 'INBOX', 'b');
      refuseForNow(world, ({ body }) => body.length > 2000);
    },
    ends: { INBOX: 'a b' },
    refused: { huge: 'temporarily-refused' },
    retries: true,
  },
  {
    title: 'what was refused "for now" arrives with the next run by itself',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', letter('stuck', { body: 'LOCKED\r\n' }), at);
      fill(world, 'INBOX', 'b');
      refuseForNow(world, ({ body }) => Buffer.from(body).includes('LOCKED'));
    },
    later: [(world) => world.fresh.behave()],
    ends: { INBOX: 'a b stuck' },
    allow: { anyOrder: true },
  },
  {
    title: 'a new side that refuses everything "for now" ends the run, and nothing is listed',
    setUp: (world) => {
      fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');
      fill(world, 'Archiv', 'x', 'y');
      world.fresh.user.create('Archiv');
      refuseForNow(world, () => true);
    },
    fails: 'server-unavailable',
  },
  {
    title: 'an old side that refuses every FETCH "for now" ends the run, and nothing is listed',
    setUp: (world) => {
      fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l');
      for (const name of ['Archiv', 'neu', 'zwei']) {
        fill(world, name, 'a', 'b', 'c', 'd', 'e', 'f');
        world.fresh.user.create(name);
      }
      world.old.misbehave({ kind: 'refuse-fetch', reason: forNow });
    },
    fails: 'server-unavailable',
  },
  {
    title: 'a mailbox of which old delivers nothing "for now" is reported, the others arrive',
    setUp: (world) => {
      fill(world, 'Archiv', 'a', 'b', 'c', 'd', 'e', 'f', 'g');
      fill(world, 'INBOX', 'x', 'y');
      world.old.misbehave({ kind: 'refuse-fetch', mailbox: 'Archiv', reason: forNow });
    },
    ends: { INBOX: 'x y', Archiv: '' },
    allow: { leftOut: ['Archiv'] },
    noCuts: true,
    retries: true,
  },
  {
    title: 'six messages that old refuses "for now" are listed when it delivers others',
    setUp: (world) => {
      fill(world, 'INBOX', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
      for (const uid of [2, 3, 4, 5, 6, 7])
        world.old.misbehave({ kind: 'refuse-fetch', uid, reason: forNow });
    },
    ends: { INBOX: 'a h' },
    refused: {
      b: 'message-unreadable',
      c: 'message-unreadable',
      d: 'message-unreadable',
      e: 'message-unreadable',
      f: 'message-unreadable',
      g: 'message-unreadable',
    },
    allow: { namelessCodes: ['message-unreadable'] },
    retries: true,
  },
  {
    title: 'a server that throttles is waited for',
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({ kind: 'throttle', op: 'APPEND', retryAfterMs: 299_961 });
      world.old.misbehave({ kind: 'throttle', op: 'FETCH', retryAfterMs: 1000 });
    },
    ends: { INBOX: 'a b c d e f' },
  },
  {
    title: 'MULTIAPPEND that is announced but broken: messages go one by one',
    setUp: (world) => {
      six(world);
      world.fresh.misbehave({ kind: 'broken-ability', ability: 'multiAppend' });
    },
    ends: { INBOX: 'a b c d e f' },
  },
  {
    title: 'CONDSTORE and QRESYNC that are announced but broken are done without',
    setUp: (world) => {
      six(world);
      world.old.misbehave({ kind: 'broken-ability', ability: 'condStore' });
    },
    later: [(world) => world.old.user.flag('INBOX', 2, '+', '\\Seen')],
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages[1]?.flags.includes('\\Seen') ? [] : ['the flag did not arrive'],
  },
  {
    title: 'big messages are streamed in order between small ones, and void when cut in mid-body',
    setUp: (world) => {
      fill(world, 'INBOX', 'a');
      world.old.user.append('INBOX', big('big1'), at);
      fill(world, 'INBOX', 'b');
      world.old.user.append('INBOX', big('big2', 5000), at);
      world.old.user.append('INBOX', big('big3', 9000), at);
      fill(world, 'INBOX', 'c');
      world.old.misbehave({ kind: 'cut-in-fetch', uid: 4, afterBytes: 3000 });
      world.fresh.misbehave({ kind: 'cut-before-store', afterBytes: 2500, skip: 2 });
    },
    ends: { INBOX: 'a big1 b big2 big3 c' },
  },
  {
    title: 'a big message moved on old is moved on new in its place',
    setUp: (world) => {
      world.old.user.append('INBOX', big('big1'), at);
      fill(world, 'INBOX', 'a', 'b');
      fill(world, 'Archiv', 'x');
    },
    later: [
      (world) => {
        fill(world, 'Archiv', 'y');
        world.old.user.move('INBOX', [1], 'Archiv');
        fill(world, 'Archiv', 'z');
      },
    ],
    ends: { INBOX: 'a b', Archiv: 'x y big1 z' },
  },
  {
    title: 'more connections than old allows: the run goes on with fewer',
    setUp: (world) => {
      six(world);
      fill(world, 'Archiv', 'x');
      fill(world, 'neu', 'y');
      world.old.misbehave({ kind: 'connection-limit', limit: 1 });
    },
    ends: { INBOX: 'a b c d e f', Archiv: 'x', neu: 'y' },
    noCuts: true,
  },
  {
    title: 'a late commit that comes after the message was sent again leaves no twin',
    options: { settleGraceMs: 1000 },
    setUp: (world) => {
      six(world);
      // Appears behind the second upload and before the last look, which follows the third.
      world.fresh.misbehave({ kind: 'late-commit', mailbox: 'INBOX', afterMs: 3500 });
      world.fresh.misbehave({ kind: 'slow', op: 'APPEND', byMs: 1000 });
      world.old.misbehave({
        kind: 'meanwhile',
        op: 'FETCH BODY',
        skip: 1,
        act: (server) => void worldOf(server).clock.advance(0),
      });
      world.old.misbehave({ kind: 'slow', op: 'FETCH BODY', byMs: 1000 });
    },
    expect: ({ fresh }) =>
      fresh.mailbox('INBOX').messages.length === 6
        ? []
        : [`${fresh.mailbox('INBOX').messages.length} messages`],
    allow: { anyOrder: true },
    noCuts: true,
  },
];
