import { describe, expect, it } from 'vitest';
import { byeError, loginError, refusal } from './refusal.ts';

const limit = { name: 'LIMIT', arguments: '' } as unknown as Parameters<typeof refusal>[0];

describe('a refusal with [LIMIT]', () => {
  it('is about the message where its text speaks of the size (Dovecot 2.3, quota_max_mail_size)', () => {
    const text = 'Mail size is larger than the maximum size allowed by server configuration (0.002 secs).';
    expect(refusal(limit, text).class).toBe('too-large');
  });

  it('is temporary otherwise', () => {
    expect(refusal(limit, 'Too many commands, slow down').class).toBe('temporary');
  });
});

describe('a refusal with [CANNOT]', () => {
  it('is about the keyword where its text speaks of it (Dovecot 2.3): the message can go without', () => {
    const cannot = { name: 'CANNOT', arguments: '' } as unknown as Parameters<typeof refusal>[0];
    expect(refusal(cannot, 'Keyword length too long').class).toBe('bad-flags');
  });
});

describe('a refused login', () => {
  const code = (name: string) => ({ name, arguments: '' }) as unknown as Parameters<typeof refusal>[0];
  const told = (text: string, name?: string) =>
    loginError(name === undefined ? null : code(name), text, 'old', { user: 'anna', kind: 'password' });

  it.each([
    ['Account temporarily locked', undefined, 'throttled', undefined],
    ['User account is locked out, try again in 15 minutes', undefined, 'throttled', 900_000],
    ['Too many failed logins, try again in 15 minutes', undefined, 'throttled', 900_000],
    ['Too many login failures', undefined, 'throttled', undefined],
    ['Account exceeded command or bandwidth limits. (Failure)', undefined, 'throttled', undefined],
    ['Account temporarily disabled, try again in 30 minutes', undefined, 'throttled', 1_800_000],
    ['Slow down', 'LIMIT', 'throttled', undefined],
    ['Account temporarily disabled', undefined, 'account-locked', undefined],
    ['Your mailbox has been temporarily suspended', undefined, 'account-locked', undefined],
    ['User account is disabled', 'CONTACTADMIN', 'account-locked', undefined],
    ['This account is locked', undefined, 'account-locked', undefined],
    ['Login is temporarily disabled for maintenance', undefined, 'server-unavailable', undefined],
    ['Temporary authentication failure', undefined, 'server-unavailable', undefined],
    ['Account is temporarily unavailable.', 'UNAVAILABLE', 'server-unavailable', undefined],
    ['Mailbox is in use', 'INUSE', 'server-unavailable', undefined],
    ['Invalid credentials, please try again', 'AUTHENTICATIONFAILED', 'login-refused', undefined],
  ])('"%s" (%s) is %s', (text, name, expected, retryAfterMs) => {
    expect(told(text, name)).toMatchObject({ code: expected, retryAfterMs, atLogin: true });
  });

  it('is the account’s, a BYE is not', () => {
    const text = 'Too many requests, try again in 30 seconds; rate limit';
    expect(told(text)).toMatchObject({ code: 'throttled', retryAfterMs: 30_000, atLogin: true });
    expect(byeError(null, text, 'old')).toMatchObject({
      code: 'throttled',
      retryAfterMs: 30_000,
      atLogin: false,
    });
  });
});
