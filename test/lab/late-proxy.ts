/** A TCP proxy whose server answers late: all that it says is held back for so long as the test wants. */
import { connect, createServer, type Socket } from 'node:net';

export interface LateProxy {
  readonly port: number;
  /** Of each octet to the client from now on, milliseconds. */
  delay(ms: number): void;
  stop(): Promise<void>;
}

export async function startLateProxy(targetPort: number): Promise<LateProxy> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    /** Octets keep their order when the delay becomes shorter. */
    let last: Promise<void> = Promise.resolve();
    const later = (act: () => void) => {
      const waited = new Promise((resolve) => setTimeout(resolve, delayMs));
      last = last.then(async () => {
        await waited;
        act();
      });
    };
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
    client.on('close', () => target.destroy());
    client.on('data', (bytes) => target.write(bytes));
    client.on('end', () => target.end());
    target.on('data', (bytes) => later(() => client.write(bytes)));
    target.on('end', () => later(() => client.end()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    delay: (ms) => {
      delayMs = ms;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
