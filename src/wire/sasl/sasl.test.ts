import { describe, expect, test } from 'vitest';
import { bytesOf, latin1Of } from '../../base/bytes.ts';
import { isMailferryError } from '../../base/errors.ts';
import { login } from './login.ts';
import { decodeChallenge, encodeMessage } from './message.ts';
import { oauthbearer } from './oauthbearer.ts';
import { plain } from './plain.ts';
import { xoauth2 } from './xoauth2.ts';

function usageError(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isMailferryError(error, 'usage')) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('PLAIN', () => {
  test('writes the example of RFC 4616', () => {
    const message = plain({ authcid: 'tim', password: 'tanstaaftanstaaf' });
    expect(latin1Of(message)).toBe('\0tim\0tanstaaftanstaaf');
  });

  test('puts the user before the master user', () => {
    const message = plain({ authzid: 'Ursel', authcid: 'Kurt', password: 'xipj3plmq' });
    expect(latin1Of(message)).toBe('Ursel\0Kurt\0xipj3plmq');
  });

  test('encodes as UTF-8', () => {
    expect(plain({ authcid: 'ü', password: '€' })).toEqual(bytesOf('\0ü\0€'));
  });

  test('refuses NUL, with which a password could become a name, and does not show the value', () => {
    const message = usageError(() => plain({ authcid: 'tim', password: 'a\0secret' }));
    expect(message).not.toContain('secret');
    usageError(() => plain({ authcid: 'ti\0m', password: 'a' }));
    usageError(() => plain({ authzid: '\0', authcid: 'tim', password: 'a' }));
  });

  test('refuses an empty name and an empty password', () => {
    usageError(() => plain({ authcid: '', password: 'a' }));
    usageError(() => plain({ authcid: 'tim', password: '' }));
  });
});

describe('LOGIN', () => {
  test('answers with the name, then the password', () => {
    expect(login('tim', 'x').map(latin1Of)).toEqual(['tim', 'x']);
  });

  test('refuses NUL', () => {
    usageError(() => login('tim', '\0'));
  });
});

describe('XOAUTH2', () => {
  test("writes Google's example", () => {
    const message = xoauth2({
      user: 'someuser@example.com',
      token: 'ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg',
    });
    expect(encodeMessage(message, true)).toBe(
      'dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==',
    );
  });

  test('refuses its separator within a field', () => {
    usageError(() => xoauth2({ user: 'a\x01auth=Bearer other', token: 't' }));
    usageError(() => xoauth2({ user: 'a', token: 't\x01' }));
  });
});

describe('OAUTHBEARER', () => {
  test('writes the example of RFC 7628', () => {
    const message = oauthbearer({
      user: 'user@example.com',
      token: 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==',
      host: 'server.example.com',
      port: 143,
    });
    expect(latin1Of(message)).toBe(
      'n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01',
    );
  });

  test('escapes comma and equals sign in the name', () => {
    const message = oauthbearer({ user: 'a,b=c', token: 't', host: 'h', port: 993 });
    expect(latin1Of(message)).toMatch(/^n,a=a=2Cb=3Dc,/);
  });
});

describe('messages on the line', () => {
  test('an empty initial response is an equals sign, an empty later one is nothing', () => {
    expect(encodeMessage(new Uint8Array(0), true)).toBe('=');
    expect(encodeMessage(new Uint8Array(0), false)).toBe('');
  });

  test('reads a challenge, and null from what is no base 64', () => {
    expect(decodeChallenge('VXNlcm5hbWU6 ')).toEqual(bytesOf('Username:'));
    expect(decodeChallenge('')).toEqual(new Uint8Array(0));
    expect(decodeChallenge('Username:')).toBeNull();
  });
});
