import { describe, expect, it } from 'vitest';
import { refusal } from './refusal.ts';

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
