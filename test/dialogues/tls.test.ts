/**
 * Reaching a server over TLS and failing to, with real sockets: each fault has its own code, names host and port, and
 * lets no byte of the login out.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { MailferryError } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import type { TlsTrust } from '../../src/net/tls-trust.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';
import type { ImapStoreOptions } from '../../src/remote/imap/options.ts';
import { type LabCertificates, labCaPem, labCertificates } from '../lab/certificates.ts';

type Certificate = Exclude<keyof LabCertificates, 'ca'>;

const password = 'canary-S3cret';
const labTrust: TlsTrust = { caPem: labCaPem(), fingerprintsSha256: [] };
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Listening {
  readonly port: number;
  /** Everything that clients said, decrypted. */
  heard(): string;
}

async function listen(server: net.Server, heard: { text: string }): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, heard: () => heard.text };
}

/** Speaks just enough IMAP for a login. */
function serve(socket: net.Socket, heard: { text: string }): void {
  socket.on('error', () => undefined);
  socket.write('* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n');
  socket.on('data', (bytes: Buffer) => {
    heard.text += bytes.toString('latin1');
    const tag = bytes.toString('latin1').split(' ')[0] ?? '';
    socket.write(`${tag} OK [CAPABILITY IMAP4rev1] done\r\n`);
  });
}

function tlsServer(certificate: Certificate, options: tls.TlsOptions = {}): Promise<Listening> {
  const pair = labCertificates()[certificate];
  const heard = { text: '' };
  const server = tls.createServer(
    { key: readFileSync(pair.key), cert: readFileSync(pair.cert), ...options },
    (socket) => serve(socket, heard),
  );
  server.on('tlsClientError', () => undefined);
  return listen(server, heard);
}

function plainServer(answer: (socket: net.Socket) => void): Promise<Listening> {
  const heard = { text: '' };
  return listen(
    net.createServer((socket) => {
      socket.on('data', (bytes: Buffer) => {
        heard.text += bytes.toString('latin1');
      });
      answer(socket);
    }),
    heard,
  );
}

function fingerprint(certificate: Certificate): string {
  const pem = readFileSync(labCertificates()[certificate].cert);
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

async function opening(port: number, more: Partial<ImapStoreOptions> = {}): Promise<string> {
  const store = openImapStore({
    side: 'old',
    host: 'localhost',
    port,
    security: 'implicit',
    allowPlaintext: false,
    trust: labTrust,
    credentials: { kind: 'password', user: 'anna', authUser: null, password: new Secret(password) },
    authMechanism: null,
    clock: systemClock,
    connectTimeoutMs: 2_000,
    idleTimeoutMs: 2_000,
    ...more,
  });
  try {
    const session = await store.openSession();
    session.destroy(new Error('seen enough'));
    return 'open';
  } catch (error) {
    if (!(error instanceof MailferryError)) throw error;
    expect(error.side).toBe('old');
    return `${error.code}: ${error.message.replaceAll(`:${port}`, ':PORT')}`;
  }
}

describe('TLS from the first byte', () => {
  test('logs in where the issuer is trusted by its certificate', async () => {
    const server = await tlsServer('good');
    expect(await opening(server.port)).toBe('open');
    expect(server.heard()).toContain('AUTHENTICATE PLAIN');
  });

  test.each<readonly [string, Certificate, Partial<ImapStoreOptions>, string]>([
    ['an expired certificate', 'expired', {}, 'the certificate has expired'],
    [
      'a certificate for another host',
      'wrongHost',
      {},
      'the certificate is for another host name: mail.elsewhere.example',
    ],
    ['a self-signed certificate', 'selfSigned', {}, 'the certificate is self-signed'],
    [
      'an issuer that nobody knows',
      'good',
      { trust: { caPem: null, fingerprintsSha256: [] } },
      'the issuer of the certificate is not known',
    ],
  ])('refuses %s, and says so', async (_name, certificate, more, words) => {
    const server = await tlsServer(certificate);
    expect(await opening(server.port, more)).toBe(`certificate-invalid: localhost:PORT: ${words}`);
    expect(server.heard()).toBe('');
  });

  test('takes a pinned certificate whatever else is wrong with it', async () => {
    for (const certificate of ['selfSigned', 'expired', 'wrongHost'] as const) {
      const server = await tlsServer(certificate);
      const trust = { caPem: null, fingerprintsSha256: ['00'.repeat(32), fingerprint(certificate)] };
      expect(await opening(server.port, { trust })).toBe('open');
    }
  });

  test('lets no byte out to a server with another certificate than the pinned one', async () => {
    const server = await tlsServer('good');
    const trust = { ...labTrust, fingerprintsSha256: [fingerprint('selfSigned')] };
    expect(await opening(server.port, { trust })).toBe(
      'pin-mismatch: localhost:PORT: the server shows another certificate than the pinned one: ' +
        `sha256:${fingerprint('good')}`,
    );
    expect(server.heard()).toBe('');
  });

  test('tells a server that offers only TLS 1.1 from one that offers none', async () => {
    const server = await tlsServer('good', {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    expect(await opening(server.port)).toMatch(
      /^tls-failed: localhost:PORT: TLS cannot be agreed on \(.*\)$/,
    );
  });

  test('recognises a port without TLS by its greeting', async () => {
    const server = await plainServer((socket) => socket.write('* OK IMAP4rev1 ready\r\n'));
    expect(await opening(server.port)).toBe('tls-to-plaintext: localhost:PORT: the port does not speak TLS');
  });

  test('says that the server closed at once', async () => {
    const server = await plainServer((socket) => socket.end());
    expect(await opening(server.port)).toMatch(
      /^unreachable: localhost:PORT: the server closed the connection while TLS was set up; .*/,
    );
  });

  test('gives up a server that never takes the handshake', async () => {
    const server = await plainServer(() => undefined);
    expect(await opening(server.port, { connectTimeoutMs: 300 })).toMatch(
      /^connect-timeout: localhost:PORT: no answer within .*/,
    );
  });
});

describe('plain text', () => {
  const plain = { security: 'starttls', allowPlaintext: true } as const;

  test('recognises a port that waits for TLS', async () => {
    const server = await tlsServer('good');
    expect(await opening(server.port, plain)).toBe(
      'plaintext-to-tls: localhost:PORT: the server waits for TLS where plain text was expected',
    );
    expect(server.heard()).toBe('');
  });

  test('recognises it as well where our trust would refuse its certificate', async () => {
    const server = await tlsServer('expired');
    expect(await opening(server.port, plain)).toMatch(/^plaintext-to-tls: /);
  });

  test('gives up a server that accepts and never speaks', async () => {
    const server = await plainServer(() => undefined);
    expect(await opening(server.port, { ...plain, connectTimeoutMs: 300 })).toMatch(
      /^connect-timeout: localhost:PORT: the server accepted the connection but sent no greeting$/,
    );
    // The question for TLS is a ClientHello on a connection of its own, and nothing of the login.
    expect(server.heard()).not.toContain('AUTHENTICATE');
    expect(server.heard()).not.toContain('anna');
  });

  test('says that nothing listens', async () => {
    const server = await plainServer(() => undefined);
    for (const close of closers.splice(0)) close();
    expect(await opening(server.port, plain)).toBe(
      'unreachable: localhost:PORT: nothing listens there (connection refused)',
    );
  });

  test('says that the host name is not known', async () => {
    // RFC 6761 keeps `.invalid` from ever existing; a machine without any name server says so instead.
    expect(await opening(143, { ...plain, host: 'mail.invalid' })).toMatch(
      /^dns-failed: mail\.invalid:PORT: (the host name is not known|the name server does not answer)$/,
    );
  });

  test('stops at once when it is interrupted', async () => {
    const server = await plainServer(() => undefined);
    const stop = new AbortController();
    const store = openImapStore({
      side: 'old',
      host: '127.0.0.1',
      port: server.port,
      ...plain,
      trust: labTrust,
      credentials: { kind: 'password', user: 'anna', authUser: null, password: new Secret(password) },
      authMechanism: null,
      clock: systemClock,
      connectTimeoutMs: 60_000,
      idleTimeoutMs: 60_000,
    });
    const opened = store.openSession(stop.signal);
    setTimeout(() => stop.abort(new Error('Ctrl-C')), 100);
    await expect(opened).rejects.toThrow();
  });
});
