/**
 * Listeners for people's programs, and the sessions that came of them. Whoever holds a place without logging in gives it up first when there is
 * no room.
 */
import net from 'node:net';
import tls from 'node:tls';
import { ProxySession, type SessionSettings } from './proxy-session.ts';

export interface AccessLimits {
  /** All of them. */
  readonly connections: number;
  /** Of one address: a household, or an office behind one router. */
  readonly perAddress: number;
  /** That have not logged in. */
  readonly waiting: number;
}

export const defaultAccessLimits: AccessLimits = {
  // Some 60 KB each: a few hundred megabytes.
  connections: 10_000,
  // A program opens up to ten; Dovecot's own limit for one user is ten as well.
  perAddress: 200,
  // An honest program logs in within a second or two.
  waiting: 1_000,
};

export interface ListenAt extends Omit<SessionSettings, 'log' | 'onLogin' | 'where'> {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

export interface SessionView {
  readonly id: string;
  readonly service: string;
  readonly user: string;
  /** Of the server that the account lives on. */
  readonly host: string;
  readonly client: string;
  readonly sinceMs: number;
}

interface Held {
  readonly id: string;
  readonly session: ProxySession;
  readonly service: string;
  readonly client: string;
  readonly sinceMs: number;
}

interface AccessProxyOptions {
  readonly limits: AccessLimits;
  /** Where logins go; may be asked many times at once. */
  readonly where: SessionSettings['where'];
  readonly log: SessionSettings['log'];
  /** For the ids of sessions. */
  readonly newId: () => string;
  readonly now: () => number;
}

export class AccessProxy {
  readonly #options: AccessProxyOptions;
  readonly #servers = new Set<net.Server>();
  /** In the order in which they came. */
  readonly #held = new Map<string, Held>();
  /** Of those that have not logged in, the oldest first. */
  readonly #waiting = new Set<string>();
  readonly #byAddress = new Map<string, number>();

  constructor(options: AccessProxyOptions) {
    this.#options = options;
  }

  /** Gives the port. Rejects where it is taken. */
  async listen(at: ListenAt): Promise<number> {
    const server = net.createServer((socket) => this.#take(socket, at));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at.port, at.host, resolve);
    });
    this.#servers.add(server);
    return (server.address() as net.AddressInfo).port;
  }

  /** Those that have logged in. */
  sessions(): SessionView[] {
    return [...this.#held.values()].flatMap(({ id, session, service, client, sinceMs }) =>
      session.account === null ? [] : [{ id, service, client, sinceMs, ...session.account }],
    );
  }

  /** Ends the sessions of an account, by its name on the server. Gives how many there were. */
  kick(user: string): number {
    const own = [...this.#held.values()].filter(({ session }) => session.account?.user === user);
    for (const { session } of own) session.destroy('it was ended');
    return own.length;
  }

  async close(): Promise<void> {
    const closed = [...this.#servers].map((server) => new Promise((resolve) => server.close(resolve)));
    for (const { session } of this.#held.values()) session.destroy('the proxy ends');
    await Promise.all(closed);
    this.#servers.clear();
  }

  #take(socket: net.Socket, at: ListenAt): void {
    const { limits, log, newId, now, where } = this.#options;
    const { remoteAddress, remotePort = 0, localAddress = '', localPort = 0 } = socket;
    // It went before it was taken.
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const client = remoteAddress.replace(/^::ffff:/, '');
    const own = this.#byAddress.get(client) ?? 0;
    if (own >= limits.perAddress || !this.#makeRoom()) {
      log({ client, own }, 'too many connections');
      socket.destroy();
      return;
    }
    const id = newId();
    const peer = {
      host: client,
      port: remotePort,
      localHost: localAddress.replace(/^::ffff:/, ''),
      localPort,
    };
    // What is said waits for the end of the handshake, which the session's deadline covers.
    const shown =
      at.implicitTls && at.certificate !== null
        ? new tls.TLSSocket(socket, { isServer: true, secureContext: at.certificate })
        : socket;
    const session = new ProxySession(shown, peer, id, {
      ...at,
      where,
      log,
      onLogin: () => this.#waiting.delete(id),
    });
    this.#waiting.add(id);
    this.#held.set(id, { id, session, service: at.service, client, sinceMs: now() });
    this.#byAddress.set(client, own + 1);
    void session.ended.then(() => {
      this.#held.delete(id);
      this.#waiting.delete(id);
      const left = (this.#byAddress.get(client) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(client, left);
      else this.#byAddress.delete(client);
    });
  }

  /** False where all places are taken by people who have logged in. */
  #makeRoom(): boolean {
    const { connections, waiting } = this.#options.limits;
    if (this.#held.size < connections && this.#waiting.size < waiting) return true;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return false;
    this.#waiting.delete(oldest);
    this.#held.get(oldest)?.session.destroy('somebody else needed the place');
    return true;
  }
}
