/** The doctor's smaller parts: what is asked of a table, what waits in a queue, and commands for a shell. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { byteText } from './byte-text.ts';
import { configCommand, shellWord } from './command-line.ts';
import { askedRoutes, differencesOf } from './route-answers.ts';
import { waitingMail } from './waiting-mail.ts';

const nexthop = 'mailferry:[peer.example]:25';
const sample = [
  { address: 'anna@example.org', relayed: true },
  { address: 'bela@bücher.example', relayed: false },
  { address: '#odd@example.org', relayed: true },
];

describe('routes', () => {
  it('on old have rows for who has moved alone', () => {
    expect(askedRoutes('old', nexthop, sample, true)).toEqual([
      { key: 'anna@example.org', replica: nexthop },
      { key: 'bela@bücher.example', replica: null },
      { key: 'no-such-account.mailferry-doctor@example.org', replica: null },
    ]);
  });

  it('on new have one for everybody, and for the domain where the table has those', () => {
    const rows = askedRoutes('new', nexthop, sample, true);
    expect(rows.map(({ replica }) => replica)).toEqual([
      nexthop,
      ':',
      null,
      'mailferry-rest:[peer.example]:25',
    ]);
    expect(askedRoutes('new', nexthop, sample, false)).toHaveLength(3);
    expect(askedRoutes('new', nexthop, [], true)).toEqual([]);
  });

  it('differ where a row is missing, is another one, or is too many', () => {
    const asked = askedRoutes('old', nexthop, sample, true);
    const said = (...rows: string[]) => differencesOf(asked, rows.map((row) => `${row}\n`).join(''));
    expect(said(`anna@example.org\t${nexthop}`)).toEqual([]);
    expect(said()).toMatchObject([{ key: 'anna@example.org', table: null }]);
    expect(said('anna@example.org\tmailferry:[x]:25', 'bela@bücher.example\t:')).toMatchObject([
      { table: 'mailferry:[x]:25' },
      { table: ':', replica: null },
    ]);
  });
});

test('of the queue counts what is deferred and goes to the peer, with the commonest reason', () => {
  const mail = (queue: string, arrived: number, ...recipients: readonly (readonly [string, string?])[]) =>
    JSON.stringify({
      queue_name: queue,
      arrival_time: arrived,
      recipients: recipients.map(([address, reason]) => ({
        address,
        ...(reason === undefined ? {} : { delay_reason: reason }),
      })),
    });
  const lines = [
    mail('deferred', 900, ['anna@example.org', 'refused'], ['friend@abroad.example', 'other']),
    mail('deferred', 400, ['anna@example.org', 'greylisted']),
    mail('deferred', 950, ['anna@example.org', 'refused']),
    mail('active', 1, ['anna@example.org']),
    '{"queue_name": "deferred", "recipients": [{"addr',
    'null',
    '',
  ];
  const seen = waitingMail(lines.join('\n'), (address) => address.startsWith('anna@'), 1_000_000);
  expect(seen).toEqual({ waiting: 3, oldestMs: 600_000, reason: 'refused' });
  expect(waitingMail('', () => true, 0)).toEqual({ waiting: 0, oldestMs: 0, reason: '' });
});

test.each(['plain', "it's", '$(id)', '`id`', 'a b', '; rm -rf /', '"', '\\', '--x=*', 'ä'])(
  'a shell takes %j as one word, as it is',
  (word) => {
    const said = execFileSync('sh', ['-c', `printf '%s|' ${shellWord(word)}`], { encoding: 'utf8' });
    expect(said).toBe(`${word}|`);
  },
);

test('what cannot be seen is in no command, and no word of a host is another command', () => {
  const command = configCommand('postfix', ['--peer', 'a\r\nrm -rf /', 'b\u202ec', '&& id']);
  expect(command).toBe("mailferry config postfix --peer 'arm -rf /' bc '&& id'");
});

test.each([
  [0, '0 B'],
  [9_999, '9999 B'],
  [10_240_000, '10 MB'],
  [212_400_000, '212 MB'],
  [52_428_800, '52 MB'],
])('%i octets are %s', (bytes, text) => expect(byteText(bytes)).toBe(text));
