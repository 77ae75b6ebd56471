/** A TCP proxy that falls silent: connections stay open, and nothing comes through any more, as behind a dead firewall. */
import { connect, createServer, type Socket } from 'node:net';

export interface SilentProxy {
  readonly port: number;
  /** Connections that are there are never heard again. */
  silence(): void;
  /** While it is shut, new connections are taken, and are never heard either. */
  shut(on: boolean): void;
  stop(): Promise<void>;
}

export async function startSilentProxy(targetPort: number): Promise<SilentProxy> {
  const sockets = new Set<Socket>();
  const silencers = new Set<() => void>();
  let isShut = false;
  const server = createServer((client) => {
    let silent = isShut;
    silencers.add(() => {
      silent = true;
    });
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (bytes) => void (silent || to.write(bytes)));
      from.on('close', () => void (silent || to.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    silence: () => {
      for (const one of silencers) one();
    },
    shut: (on) => {
      isShut = on;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
