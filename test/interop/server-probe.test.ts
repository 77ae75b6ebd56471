/** Trying out a real Dovecot. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { serverProbe } from '../../src/services/server-probe.ts';
import { type Dovecot, startDovecot } from '../lab/dovecot.ts';

let dovecot: Dovecot;
const place = () => ({ side: 'old', host: '127.0.0.1', port: dovecot.imapPort, tls: 'none' }) as const;
beforeAll(async () => {
  dovecot = await startDovecot({ users: [{ name: 'anna', password: 'rightpw' }] });
});
afterAll(() => dovecot.stop());

test('with a login it tells what the server can do', async () => {
  const login = { user: 'anna', password: new Secret('rightpw') };
  const found = await serverProbe()({ ...place(), login });
  expect(found).toMatchObject({ reached: true, loggedIn: true, code: null });
  expect(found.capabilities).toContain('UIDPLUS');
});

test('without one it tells that the server answers, and with a wrong one that it refuses', async () => {
  expect(await serverProbe()({ ...place(), login: null })).toMatchObject({
    reached: true,
    loggedIn: false,
    code: null,
  });
  const wrong = { user: 'anna', password: new Secret('wrongpw') };
  expect(await serverProbe()({ ...place(), login: wrong })).toMatchObject({
    reached: true,
    code: 'login-refused',
  });
});

test('nobody there, or a certificate that nobody vouches for, is named', async () => {
  expect(await serverProbe()({ ...place(), port: 1, login: null })).toMatchObject({
    reached: false,
    code: 'unreachable',
  });
  const tls = { ...place(), port: dovecot.imapsPort, tls: 'implicit', login: null } as const;
  expect(await serverProbe()(tls)).toMatchObject({ reached: false, code: 'certificate-invalid' });
});
