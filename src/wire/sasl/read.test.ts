import { describe, expect, test } from 'vitest';
import { bytesOf, bytesOfLatin1 } from '../../base/bytes.ts';
import { oauthbearer } from './oauthbearer.ts';
import { plain } from './plain.ts';
import { passwordLogin, readField, readOauthbearer, readPlain, readXoauth2 } from './read.ts';
import { xoauth2 } from './xoauth2.ts';

const shown = (login: ReturnType<typeof readPlain>) =>
  login === null ? null : [login.authzid, login.user, login.password.reveal()];
const shownToken = (login: ReturnType<typeof readXoauth2>) =>
  login === null ? null : [login.user, login.token.reveal()];

describe('PLAIN', () => {
  test('what is written is read again', () => {
    const credentials = { authcid: 'anna@bücher.example', password: 'pä ss "\\w' };
    expect(shown(readPlain(plain(credentials)))).toEqual([null, 'anna@bücher.example', 'pä ss "\\w']);
    expect(shown(readPlain(plain({ ...credentials, authzid: 'bela' })))?.[0]).toBe('bela');
  });

  test.each([
    '',
    'anna',
    'anna\0secret',
    '\0anna\0',
    '\0\0secret',
    '\0anna\0secret\0',
    '\0anna\0sec\r\nret',
    '\0an\nna\0secret',
    'x\x01\0anna\0secret',
    '\0anna\u0085\0secret',
    `\0${'a'.repeat(513)}\0secret`,
    `\0anna\0${'x'.repeat(8_193)}`,
  ])('%j is none', (message) => {
    expect(readPlain(bytesOf(message))).toBeNull();
  });

  test('octets that are no UTF-8 are none', () => {
    expect(readPlain(bytesOfLatin1('\0anna\0p\xe4ss'))).toBeNull();
    expect(readField(bytesOfLatin1('\xff'))).toBeNull();
  });

  test('nobody reads the password by printing it', () => {
    expect(JSON.stringify(readPlain(bytesOf('\0anna\0secret')))).not.toContain('secret');
    expect(passwordLogin('anna', 'x\0y')).toBeNull();
  });
});

describe('tokens', () => {
  test('what is written is read again', () => {
    expect(shownToken(readXoauth2(xoauth2({ user: 'anna@example.org', token: 'abc.def' })))).toEqual([
      'anna@example.org',
      'abc.def',
    ]);
    const bearer = { user: 'a,n=na', token: 'abc.def', host: 'imap.example.org', port: 993 };
    expect(shownToken(readOauthbearer(oauthbearer(bearer)))).toEqual(['a,n=na', 'abc.def']);
  });

  test.each([
    'user=anna\x01auth=Bearer t\x01',
    'user=anna\x01auth=Basic t\x01\x01',
    'user=\x01auth=Bearer t\x01\x01',
    'user=anna\x01auth=Bearer \x01\x01',
    'user=anna\x01auth=Bearer t t\x01\x01',
    'user=anna\x01auth=Bearer t\x01\x01\x01',
    'user=an\nna\x01auth=Bearer t\x01\x01',
    'auth=Bearer t\x01user=anna\x01\x01',
  ])('XOAUTH2: %j is none', (message) => {
    expect(readXoauth2(bytesOf(message))).toBeNull();
  });

  test.each([
    'n,a=anna,\x01auth=Bearer t\x01',
    'n,,\x01auth=Bearer t\x01\x01',
    'p=tls-unique,a=anna,\x01auth=Bearer t\x01\x01',
    'n,a=an=na,\x01auth=Bearer t\x01\x01',
    'n,a=anna,\x01host=x\x01\x01',
    'n,a=anna,\x01auth=Bearer t\x01auth=Bearer u\x01\x01',
    'n,a=anna,\x01garbage\x01auth=Bearer t\x01\x01',
  ])('OAUTHBEARER: %j is none', (message) => {
    expect(readOauthbearer(bytesOf(message))).toBeNull();
  });
});
