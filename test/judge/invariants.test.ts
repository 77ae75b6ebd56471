import { describe, expect, test } from 'vitest';
import type { AccountSnapshot, MailboxSnapshot, MessageSnapshot } from './imap-raw.ts';
import { type Case, judge } from './invariants.ts';

const message = (uid: number, sha256: string, more: Partial<MessageSnapshot> = {}): MessageSnapshot => ({
  uid,
  flags: ['\\seen'],
  internalDate: '17-Jul-1996 02:44:25 -0700',
  sizeBytes: 10,
  statedSizeBytes: 10,
  sha256,
  ...more,
});

const account = (mailboxes: Record<string, readonly MessageSnapshot[]>): AccountSnapshot =>
  new Map(
    Object.entries(mailboxes).map(([name, messages]): [string, MailboxSnapshot] => [
      name,
      {
        name,
        delimiter: '/',
        attributes: [],
        selectable: true,
        subscribed: true,
        uidValidity: 1,
        uidNext: 100,
        messages,
      },
    ]),
  );

const old = account({ INBOX: [message(1, 'a'), message(2, 'b'), message(3, 'b')], Sent: [message(1, 'c')] });
/** The same messages under other UIDs, as a faultless copy has them. */
const copied = account({
  INBOX: [message(11, 'a'), message(12, 'b'), message(13, 'b')],
  Sent: [message(11, 'c')],
});
const good: Case = { oldBefore: old, oldAfter: old, newAfter: copied };

const inbox = (messages: readonly MessageSnapshot[]) => new Map([...copied, ...account({ INBOX: messages })]);
const violated = (facts: Partial<Case>) =>
  judge({ ...good, ...facts }).map(({ invariant, what }) => `${invariant} ${what}`);

test('finds nothing wrong with a faultless copy', () => {
  expect(violated({})).toEqual([]);
});

describe('I1, loss', () => {
  test('sees a lost message', () => {
    expect(violated({ newAfter: inbox([message(12, 'b'), message(13, 'b')]) })).toEqual([
      'I1 1 of message a lost',
    ]);
  });
  test('sees that only one of two twins arrived', () => {
    expect(violated({ newAfter: inbox([message(11, 'a'), message(12, 'b')]) })).toEqual([
      'I1 1 of message b lost',
    ]);
  });
  test('sees a missing mailbox', () => {
    const newAfter = new Map([...copied].filter(([name]) => name !== 'Sent'));
    expect(violated({ newAfter })).toEqual(['I1 the mailbox is missing', 'I1 1 of message c lost']);
  });
  test('takes a refusal for an answer, but not for a message that is there', () => {
    const refused = [{ mailbox: 'INBOX', sha256: 'a' }];
    expect(violated({ refused, newAfter: inbox([message(12, 'b'), message(13, 'b')]) })).toEqual([]);
    expect(violated({ refused })).toEqual(['I1 message a is both stored and refused']);
  });
  test('does not ask for what vanished on old meanwhile, nor minds that it was copied', () => {
    const oldAfter = new Map([...old, ...account({ INBOX: [message(2, 'b'), message(3, 'b')] })]);
    const gone = { oldAfter, oldExpected: oldAfter };
    expect(violated({ ...gone, newAfter: inbox([message(12, 'b'), message(13, 'b')]) })).toEqual([]);
    expect(violated(gone)).toEqual([]);
  });
  test('follows the mapping of names', () => {
    const newAfter = new Map(
      [...copied].map(([name, mailbox]) => [name === 'Sent' ? 'Gesendet' : name, mailbox]),
    );
    expect(violated({ newAfter })).toContain('I1 1 of message c lost');
    expect(violated({ newAfter, mapping: (name) => (name === 'Sent' ? 'Gesendet' : name) })).toEqual([]);
  });
});

describe('I2, twins', () => {
  const all = [message(11, 'a'), message(12, 'b'), message(13, 'b')];
  test('sees a message copied twice', () => {
    expect(violated({ newAfter: inbox([...all, message(14, 'a')]) })).toEqual(['I2 1 of message a twice']);
  });
  test('sees a message that never was on old', () => {
    expect(violated({ newAfter: inbox([...all, message(14, 'z')]) })).toEqual(['I2 1 of message z invented']);
  });
  test('counts what lay on new before as a copy only when it was to be adopted', () => {
    const newBefore = account({ INBOX: [message(11, 'a')] });
    expect(violated({ newBefore, newAfter: inbox(all), adoptsExisting: true })).toEqual([]);
    expect(violated({ newBefore, newAfter: inbox(all) })).toEqual(['I1 1 of message a lost']);
    expect(violated({ newBefore, newAfter: inbox([...all, message(14, 'a')]) })).toEqual([]);
  });
});

describe('I3, hands off', () => {
  const foreign = message(1, 'f', { flags: ['\\flagged'] });
  const newBefore = account({ INBOX: [foreign] });
  const rest = [message(11, 'a'), message(12, 'b'), message(13, 'b')];
  test('leaves foreign mail in peace', () => {
    expect(violated({ newBefore, newAfter: inbox([foreign, ...rest]) })).toEqual([]);
  });
  test('sees foreign mail deleted or flagged', () => {
    expect(violated({ newBefore, newAfter: inbox(rest) })).toContain('I3 message 1 of others is gone');
    const newAfter = inbox([{ ...foreign, flags: [] }, ...rest]);
    expect(violated({ newBefore, newAfter })).toEqual([
      'I3 message 1 of others has other flags: () instead of (\\flagged)',
    ]);
  });
  test('sees that a copy which the user deleted came back', () => {
    const actsOnNew = [{ kind: 'deleted', mailbox: 'INBOX', sha256: 'a' }] as const;
    expect(violated({ actsOnNew, newAfter: inbox([message(12, 'b'), message(13, 'b')]) })).toEqual([]);
    expect(violated({ actsOnNew })).toEqual(['I3 1 of message a came back although the user removed it']);
  });
  test('sees that a copy which the user moved came back, or is gone from where it went', () => {
    const actsOnNew = [{ kind: 'moved', mailbox: 'INBOX', to: 'Sent', sha256: 'a' }] as const;
    const left = account({
      INBOX: [message(12, 'b'), message(13, 'b')],
      Sent: [message(11, 'c'), message(12, 'a')],
    });
    expect(violated({ actsOnNew, newAfter: left })).toEqual([]);
    const back = new Map([...left, ...account({ INBOX: rest })]);
    expect(violated({ actsOnNew, newAfter: back })).toEqual([
      'I3 1 of message a came back although the user removed it',
    ]);
    const gone = new Map([...left, ...account({ Sent: [message(11, 'c')] })]);
    expect(violated({ actsOnNew, newAfter: gone })).toEqual(['I3 message a, moved by a user, is gone']);
  });
  test('sees that a flag the user set was lost', () => {
    const actsOnNew = [{ kind: 'flagged', mailbox: 'INBOX', sha256: 'a', flags: ['\\Flagged'] }] as const;
    const newAfter = inbox([message(11, 'a', { flags: ['\\flagged'] }), message(12, 'b'), message(13, 'b')]);
    expect(violated({ actsOnNew, newAfter })).toEqual([]);
    expect(violated({ actsOnNew })).toEqual(['I3 flags of a, flagged by a user, changed']);
  });
  test('sees that a message which the user put there is gone', () => {
    const actsOnNew = [{ kind: 'added', mailbox: 'INBOX', sha256: 'u' }] as const;
    expect(violated({ actsOnNew, newAfter: inbox([...rest, message(14, 'u')]) })).toEqual([]);
    expect(violated({ actsOnNew })).toEqual(['I3 message u, added by a user, is gone']);
  });
});

describe('I4, byte truth', () => {
  const withFirst = (more: Partial<MessageSnapshot>) =>
    inbox([message(11, 'a', more), message(12, 'b'), message(13, 'b')]);
  test('sees another body as a loss and an invention', () => {
    const newAfter = inbox([message(11, 'x'), message(12, 'b'), message(13, 'b')]);
    expect(violated({ newAfter })).toEqual(['I1 1 of message a lost', 'I2 1 of message x invented']);
  });
  test('sees other flags, unless they are ignored', () => {
    const newAfter = withFirst({ flags: ['$Kw', '\\seen'] });
    expect(violated({ newAfter })).toEqual(['I4 flags of message a: ($Kw \\seen) instead of (\\seen)']);
    expect(violated({ newAfter, ignoredFlags: ['$Kw'] })).toEqual([]);
  });
  test('sees flags that went to the wrong twin only as a multiset, which is all a client can tell', () => {
    const twins = [message(2, 'b', { flags: [] }), message(3, 'b')];
    const oldBefore = account({ INBOX: twins });
    const facts = { oldBefore, oldAfter: oldBefore };
    expect(judge({ ...facts, newAfter: account({ INBOX: twins.toReversed() }) })).toEqual([]);
    const both = [message(2, 'b'), message(3, 'b')];
    expect(judge({ ...facts, newAfter: account({ INBOX: both }) })).toHaveLength(1);
  });
  test('sees another instant always and another zone where it is to be kept', () => {
    const utc = withFirst({ internalDate: '17-Jul-1996 09:44:25 +0000' });
    expect(violated({ newAfter: utc })).toEqual([]);
    expect(violated({ newAfter: utc, keepsZone: true })[0]).toMatch(/^I4 date of message a/);
    const later = withFirst({ internalDate: '17-Jul-1996 09:44:26 +0000' });
    expect(violated({ newAfter: later })[0]).toMatch(/^I4 date of message a/);
  });
});

describe('I5, old untouched', () => {
  const changed = (messages: readonly MessageSnapshot[]) =>
    new Map([...old, ...account({ INBOX: messages })]);
  const rest = [message(2, 'b'), message(3, 'b')];
  test('sees \\Seen set, a message gone and a message added', () => {
    const unread = changed([message(1, 'a', { flags: [] }), ...rest]);
    expect(violated({ oldBefore: unread })).toEqual([
      'I5 message 1 on old has other flags: (\\seen) instead of ()',
    ]);
    expect(violated({ oldAfter: changed(rest) })).toEqual(['I5 message 1 on old is gone']);
    expect(violated({ oldBefore: changed(rest) })).toEqual(['I5 message 1 on old is new']);
  });
  test('sees mailboxes made and removed, subscriptions and UIDVALIDITY changed', () => {
    const sent = old.get('Sent') as MailboxSnapshot;
    const withSent = (more: Partial<MailboxSnapshot>) =>
      new Map([...old, ['Sent', { ...sent, ...more }] as const]);
    expect(violated({ oldAfter: withSent({ subscribed: false }) })).toEqual([
      'I5 the subscription changed on old',
    ]);
    expect(violated({ oldAfter: withSent({ uidValidity: 2 }) })).toEqual(['I5 UIDVALIDITY changed on old']);
    const more = new Map([...old, ...account({ Test: [] })]);
    expect(violated({ oldAfter: more })).toContain('I5 the mailbox is new on old');
    expect(violated({ oldBefore: more })).toContain('I5 the mailbox is gone on old');
  });
  test('allows reading commands and no others', () => {
    const reading = [
      'LOGIN "a" "b"',
      'LIST "" "*"',
      'EXAMINE INBOX',
      'UID FETCH 1:* (UID FLAGS BODY.PEEK[])',
      'DONE',
    ];
    expect(violated({ commandsToOld: reading })).toEqual([]);
    for (const command of [
      'SELECT INBOX',
      'UID STORE 1 +FLAGS (\\Seen)',
      'EXPUNGE',
      'UID EXPUNGE 1',
      'APPEND INBOX {3+}',
    ]) {
      expect(violated({ commandsToOld: [command] })).toEqual([`I5 old got the command ${command}`]);
    }
    for (const items of ['BODY[]', '(UID BODY[])', 'RFC822', '(RFC822 UID)', '(RFC822.TEXT)']) {
      expect(violated({ commandsToOld: [`UID FETCH 1 ${items}`] })).toHaveLength(1);
    }
    expect(violated({ commandsToOld: ['UID FETCH 1 (RFC822.SIZE RFC822.HEADER)'] })).toEqual([]);
  });
});

describe('I6, nothing sent at rest', () => {
  test('lets a program read', () => {
    const commandsToNewAtRest = ['SELECT INBOX', 'UID FETCH 1:* (FLAGS)', 'IDLE', 'DONE', 'LIST "" "*"'];
    expect(violated({ commandsToNewAtRest })).toEqual([]);
  });
  test.each([
    'APPEND INBOX {310+}',
    'UID STORE 1 +FLAGS.SILENT (\\Seen)',
    'CREATE Box',
    'UID EXPUNGE 1',
    'UID MOVE 1 Box',
    'UID COPY 1 Box',
    'RENAME Box Other',
    'DELETE Box',
    'SUBSCRIBE Box',
    'UID FETCH 1 (BODY[])',
  ])('sees %s', (command) => {
    expect(violated({ commandsToNewAtRest: [command] })).toEqual([
      `I6 new got the command ${command} though nothing had changed`,
    ]);
  });
});
