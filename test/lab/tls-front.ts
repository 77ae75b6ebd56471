/** What ends TLS before a server that speaks none, as a site's web server does; its certificate can be changed while it runs. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { KeyPair } from './certificates.ts';

export interface TlsFront {
  readonly port: number;
  /** For connections from now on; those that are open are cut. */
  show(pair: KeyPair): void;
  /** Octets that came through the handshake to the server behind, so far. */
  readonly passed: number;
  close(): Promise<void>;
}

const read = ({ cert, key }: KeyPair) => ({ cert: readFileSync(cert), key: readFileSync(key) });

/** In front of `behind`, on loopback. */
export async function startTlsFront(behind: URL, pair: KeyPair): Promise<TlsFront> {
  const open = new Set<Socket>();
  let passed = 0;
  const server = createServer(read(pair), (socket) => {
    const inner = connect(Number(behind.port), behind.hostname);
    socket.on('data', (chunk: Buffer) => {
      passed += chunk.length;
    });
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  // A handshake that the client ends is no fault of ours.
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    show: (other) => {
      server.setSecureContext(read(other));
      for (const socket of open) socket.destroy();
    },
    get passed() {
      return passed;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
