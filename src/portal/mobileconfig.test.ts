import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mobileConfiguration } from './mobileconfig.ts';

const programs = {
  name: 'Example & Mail',
  imap: { host: 'imap.example.org', port: 993, security: 'implicit' },
  submission: { host: 'smtp.example.org', port: 587, security: 'starttls' },
  pop3: null,
} as const;
const owner = { accountId: '01', address: 'anna@example.org', login: 'anna' };
const profile = mobileConfiguration(programs, owner);
const value = (key: string) => new RegExp(`<key>${key}</key>\\s*(<[^\\n]+)`).exec(profile)?.[1];

test('a profile names both servers and the login, and holds no password', () => {
  expect(value('IncomingMailServerHostName')).toBe('<string>imap.example.org</string>');
  expect(value('IncomingMailServerPortNumber')).toBe('<integer>993</integer>');
  expect(value('OutgoingMailServerHostName')).toBe('<string>smtp.example.org</string>');
  expect(value('OutgoingMailServerPortNumber')).toBe('<integer>587</integer>');
  expect(value('IncomingMailServerUsername')).toBe('<string>anna</string>');
  expect(value('OutgoingMailServerUseSSL')).toBe('<true/>');
  expect(value('EmailAccountDescription')).toBe('<string>Example &amp; Mail</string>');
  expect(profile).not.toMatch(/<key>(Incoming|Outgoing)Password<\/key>/);
});

test('made again it bears the same identifiers, so that a device replaces the one it has', () => {
  const again = mobileConfiguration({ ...programs, name: 'Another' }, owner);
  const ids = (text: string) =>
    text.match(/[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}/g);
  expect(ids(profile)).toHaveLength(2);
  expect(ids(again)).toEqual(ids(profile));
  expect(ids(mobileConfiguration(programs, { ...owner, accountId: '02' }))).not.toEqual(ids(profile));
});

/** What matters to XML more often than chance would bring it. */
const odd = fc.oneof(fc.constantFrom(...'<>&"\'\r\u0000\ufffe'), fc.string({ unit: 'binary', maxLength: 1 }));

test('no login becomes markup, or a character that XML forbids', () => {
  fc.assert(
    fc.property(fc.string({ unit: odd }), (login) => {
      const text = mobileConfiguration(programs, { ...owner, login });
      const inside = /<key>IncomingMailServerUsername<\/key>\n\s*<string>([^]*?)<\/string>\n/.exec(text)?.[1];
      expect(inside).not.toMatch(/<|>|&(?!amp;|lt;|gt;|#13;)/);
      expect(text.match(/<key>/g)).toHaveLength(profile.match(/<key>/g)?.length ?? 0);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u);
    }),
  );
});
