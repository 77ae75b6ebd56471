/** Trying out a real Dovecot. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { systemTrust } from '../../src/net/tls-trust.ts';
import { lookAtCertificate } from '../../src/services/look-at-certificate.ts';
import { serverProbe } from '../../src/services/server-probe.ts';
import { labCertificates } from '../lab/certificates.ts';
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

test.each(['implicit', 'starttls'] as const)(
  'the certificate is told, trusted or not, by %s TLS',
  async (tls) => {
    const {
      ca,
      good: { cert },
    } = labCertificates();
    const own = new X509Certificate(readFileSync(cert));
    const port = tls === 'implicit' ? dovecot.imapsPort : dovecot.imapPort;
    const server = { ...place(), port, tls, login: null };
    const fingerprintSha256 = own.fingerprint256.replaceAll(':', '').toLowerCase();
    const facts = { fingerprintSha256, names: own.subjectAltName?.split(', ') };
    const stranger = await serverProbe()(server);
    expect(stranger).toMatchObject({ reached: false, code: 'certificate-invalid' });
    expect(stranger.certificate).toMatchObject({ ...facts, trusted: false });
    expect(stranger.certificate?.why).toMatch(/^[A-Z_]+$/);
    const trust = { caPem: readFileSync(ca, 'utf8'), fingerprintsSha256: [] };
    const known = await serverProbe({ old: trust })(server);
    expect(known).toMatchObject({ reached: true, code: null });
    expect(known.certificate).toMatchObject({ ...facts, trusted: true, why: null });
    expect(known.certificate?.validToMs).toBe(Date.parse(own.validTo));
    const pinned = await serverProbe({ old: { caPem: null, fingerprintsSha256: [fingerprintSha256] } })(
      server,
    );
    expect(pinned).toMatchObject({ reached: true, certificate: { trusted: true } });
    const other = await serverProbe({ old: { caPem: null, fingerprintsSha256: ['ab'.repeat(32)] } })(server);
    expect(other).toMatchObject({
      code: 'pin-mismatch',
      certificate: { trusted: false, why: 'PIN_MISMATCH' },
    });
  },
);

test('a server without STARTTLS has no certificate to show', async () => {
  const plain = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => socket.write(`${data.toString().split(' ')[0]} BAD no\r\n`));
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as net.AddressInfo;
  const look = { host: '127.0.0.1', port, security: 'starttls', trust: systemTrust } as const;
  expect(await lookAtCertificate({ ...look, signal: AbortSignal.timeout(5_000) })).toBeNull();
  await new Promise((resolve) => plain.close(resolve));
  expect(await lookAtCertificate({ ...look, signal: AbortSignal.timeout(5_000) })).toBeNull();
});
