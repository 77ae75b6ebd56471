import { expect, it } from 'vitest';
import { DovecotSessions, sessionsIn } from './dovecot-sessions.ts';

it('reads what doveadm prints', () => {
  const text =
    '[{"username":"anna","service":"imap","pid":"12","ip":"192.0.2.1"},{"username":"b","proto":"lmtp","pid":"3"}]';
  expect(sessionsIn(text)).toEqual([
    { login: 'anna', protocol: 'imap', pid: 12, address: '192.0.2.1' },
    { login: 'b', protocol: 'lmtp', pid: 3, address: '' },
  ]);
});

it.each(['', '{}', 'no', '[1]', '[null]', '[{"username":"a","service":"imap","pid":"x"}]'])(
  'what it cannot read is told, and never taken for "nobody": %s',
  (text) => {
    expect(() => sessionsIn(text)).toThrow(expect.objectContaining({ code: 'dovecot-refused' }));
  },
);

it('a doveadm that is not there, or says an error, is told', async () => {
  const gone = new DovecotSessions(['/nowhere/doveadm']);
  await expect(gone.list()).rejects.toMatchObject({ code: 'dovecot-refused' });
  const complains = new DovecotSessions(['sh', '-c', 'echo "kill(7) failed: no" >&2; exit 68']);
  await expect(complains.end('anna', '192.0.2.1')).rejects.toThrow(/kill\(7\) failed/);
  await expect(new DovecotSessions(['sh', '-c', 'exit 68']).list()).resolves.toEqual([]);
});
