import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { labCaPem, labCertificates } from '../../test/lab/certificates.ts';
import { Connection } from './connection.ts';

const megabyte = 1024 * 1024;
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** The byte at each place of the stream: no two places within a window look alike. */
function pattern(from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = ((from + i) * 2_654_435_761) >>> 24;
  return bytes;
}

async function serve(how: 'tcp' | 'tls' | 'starttls', talk: (socket: net.Socket) => void): Promise<number> {
  const pair = labCertificates().good;
  const secure = { key: readFileSync(pair.key), cert: readFileSync(pair.cert) };
  const server =
    how === 'tls'
      ? tls.createServer(secure, talk)
      : net.createServer((socket) => {
          if (how === 'tcp') {
            talk(socket);
            return;
          }
          socket.once('data', () => {
            socket.write('begin\r\n', () => talk(new tls.TLSSocket(socket, { isServer: true, ...secure })));
          });
        });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

async function connect(how: 'tcp' | 'tls' | 'starttls', port: number): Promise<Connection> {
  const connection = await Connection.open({
    host: 'localhost',
    port,
    implicitTls: how === 'tls',
    trust: { caPem: labCaPem(), fingerprintsSha256: [] },
    timeoutMs: 5_000,
  });
  closers.push(() => connection.destroy(null));
  return connection;
}

/** Sends `total` bytes of the pattern as fast as they are taken. */
function flood(socket: net.Socket, total: number): void {
  socket.on('error', () => undefined);
  let sent = 0;
  const more = () => {
    while (sent < total) {
      const part = pattern(sent, Math.min(65_536, total - sent));
      sent += part.length;
      if (!socket.write(part)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.end();
  };
  more();
}

/** Starts reading; for STARTTLS first asks for it. */
async function read(
  how: 'tcp' | 'tls' | 'starttls',
  connection: Connection,
  onBytes: (view: Uint8Array) => void | Promise<void>,
): Promise<void> {
  let began: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    began = resolve;
  });
  let plain = how === 'starttls';
  const closed = new Promise<void>((resolve, reject) => {
    connection.start({
      bytes: (view) => {
        if (plain) began();
        else return onBytes(view);
      },
      closed: (error) => (error === null ? resolve() : reject(error)),
    });
  });
  if (how === 'starttls') {
    void connection.write(Buffer.from('STARTTLS\r\n'));
    await asked;
    plain = false;
    await connection.startTls();
  }
  await closed;
}

const ways = ['tcp', 'tls', 'starttls'] as const;

describe.each(ways)('reading over %s', (how) => {
  test('stops the peer while what was read is held, and loses nothing', async () => {
    const total = 50 * megabyte;
    const port = await serve(how, (socket) => flood(socket, total));
    const connection = await connect(how, port);
    const digest = createHash('sha256');
    let taken = 0;
    let ahead = 0;
    let held: { readonly view: Uint8Array; readonly release: () => void }[] = [];
    const reading = read(
      how,
      connection,
      (view) =>
        new Promise<void>((release) => {
          held.push({ view, release });
        }),
    );
    // The consumer looks up only now and then, as a slow disk does; the peer sends all the while.
    const consume = async () => {
      while (!connection.closed || held.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, taken < megabyte ? 20 : 0));
        const views = held;
        held = [];
        const waiting = views.reduce((sum, { view }) => sum + view.length, 0);
        ahead = Math.max(ahead, waiting);
        for (const { view, release } of views) {
          digest.update(view);
          taken += view.length;
          release();
        }
      }
    };
    await Promise.all([reading, consume()]);
    expect(taken).toBe(total);
    expect(digest.digest('hex')).toBe(createHash('sha256').update(pattern(0, total)).digest('hex'));
    expect(ahead).toBeLessThan(megabyte);
  });

  test('reads next to nothing for as long as nobody takes anything', async () => {
    const port = await serve(how, (socket) => flood(socket, 50 * megabyte));
    const connection = await connect(how, port);
    read(how, connection, () => new Promise<void>(() => undefined)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = connection.bytesIn;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(connection.bytesIn).toBe(before);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(megabyte);
    expect(connection.holdsPeer).toBe(true);
  });

  test('never writes into a view that is still held', async () => {
    const total = 8 * megabyte;
    const port = await serve(how, (socket) => flood(socket, total));
    const connection = await connect(how, port);
    let at = 0;
    let wrong = 0;
    await read(how, connection, async (view) => {
      const from = at;
      at += view.length;
      // Long enough for the next views to be read meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (!pattern(from, view.length).equals(view)) wrong += 1;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect({ at, wrong }).toEqual({ at: total, wrong: 0 });
  });

  test('goes on when a held view is released after its consumer failed', async () => {
    const total = 4 * megabyte;
    const port = await serve(how, (socket) => flood(socket, total));
    const connection = await connect(how, port);
    let taken = 0;
    await read(how, connection, async (view) => {
      taken += view.length;
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('the disk is full');
    });
    expect(taken).toBe(total);
  });
});

describe('writing', () => {
  test('lets the caller wait while the peer does not read', async () => {
    let peer: net.Socket | null = null;
    const port = await serve('tcp', (socket) => {
      peer = socket;
      socket.pause();
    });
    const connection = await connect('tcp', port);
    connection.start({ bytes: () => undefined, closed: () => undefined });
    const part = Buffer.alloc(megabyte);
    let written = 0;
    let waiting = false;
    const writing = (async () => {
      while (written < 50) {
        waiting = true;
        await connection.write(part);
        waiting = false;
        written += 1;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(waiting).toBe(true);
    expect(written).toBeLessThan(50);
    expect(connection.unsentBytes).toBeLessThanOrEqual(megabyte);
    (peer as net.Socket | null)?.resume();
    await writing;
    expect(written).toBe(50);
  });

  test('never hangs on a connection that ends meanwhile', async () => {
    const port = await serve('tcp', (socket) => {
      socket.pause();
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
    const connection = await connect('tcp', port);
    const closed = new Promise((resolve) => {
      connection.start({ bytes: () => undefined, closed: resolve });
    });
    await connection.write(Buffer.alloc(50 * megabyte));
    expect(await closed).toMatchObject({ code: 'connection-lost' });
    await connection.write(Buffer.alloc(10));
  });
});

describe('the peer', () => {
  test('that spoke and went before anybody listened is still heard', async () => {
    const port = await serve('tcp', (socket) => socket.end('* BYE no\r\n'));
    const connection = await connect('tcp', port);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const heard: string[] = [];
    const closed = new Promise<void>((resolve) => {
      connection.start({
        bytes: (view) => void heard.push(Buffer.from(view).toString('latin1')),
        closed: () => {
          heard.push('closed');
          resolve();
        },
      });
    });
    await closed;
    expect(heard).toEqual(['* BYE no\r\n', 'closed']);
  });
});
