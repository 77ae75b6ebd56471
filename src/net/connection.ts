/**
 * One TCP or TLS connection as the mail clients need it: bytes in by callback into a few reused buffers, bytes out
 * with back pressure, STARTTLS, and errors that say in plain words what went wrong. It knows nothing of any protocol.
 *
 * Reading: `onBytes` gets a view that is valid during the call; when it returns a promise, the view stays valid until
 * that resolves, and reading stops once `maxHeldBuffers` views are held. That is the whole back pressure.
 */
import net from 'node:net';
import tls from 'node:tls';
import { MailferryError } from '../base/errors.ts';
import { connectionError, type ConnectionPhase } from './connection-error.ts';
import { type TlsTrust, tlsOptions, verifyPeer } from './tls-trust.ts';

/** 128 KiB a read: large enough for one write to fill a socket buffer, small enough for a hundred connections. */
const readBufferBytes = 128 * 1024;
/** What a connection reads into that mostly waits: thousands of them listen at the same time. */
const quietBufferBytes = 2 * 1024;
/** So many small reads in a row make a connection quiet: between large messages there are some, too. */
const quietReads = 64;
/**
 * Node tries the addresses of a name one after the other and gives each up for good after this long. Its own 250 ms are
 * too short for a server on another continent; the whole budget would leave none for the second address.
 */
const addressTimeoutMs = 3000;
/** Two views may be on their way out while a third is filled. */
const maxHeldBuffers = 2;

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, or plain (perhaps STARTTLS later). */
  readonly implicitTls: boolean;
  readonly trust: TlsTrust;
  /** One budget for DNS, TCP and TLS together, in milliseconds. */
  readonly timeoutMs: number;
  readonly side?: 'old' | 'new' | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ConnectionHandler {
  bytes(view: Uint8Array): void | Promise<void>;
  /** Called once: null after an orderly end by the peer. */
  closed(error: MailferryError | null): void;
}

export class Connection {
  #socket: net.Socket;
  readonly #options: ConnectOptions;
  #handler: ConnectionHandler | null = null;
  #free: Uint8Array[] = [];
  /** The small buffer, while nobody holds it. */
  #quiet: Uint8Array | null = null;
  /** Much came lately. */
  #busy = false;
  #smallReads = 0;
  #held = 0;
  #paused = false;
  #closed = false;
  #reason: MailferryError | null = null;
  #early: Uint8Array[] = [];
  bytesIn = 0;
  bytesOut = 0;

  private constructor(options: ConnectOptions) {
    this.#options = options;
    this.#socket = new net.Socket();
  }

  static async open(options: ConnectOptions): Promise<Connection> {
    const connection = new Connection(options);
    await connection.#connect();
    return connection;
  }

  get encrypted(): boolean {
    return this.#socket instanceof tls.TLSSocket;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes accepted by `write` that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whether reading is held back by us (then silence is not the peer's fault). */
  get holdsPeer(): boolean {
    return this.#paused;
  }

  get peerAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const gone = this.#closed;
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) {
      this.bytesIn += bytes.length;
      void handler.bytes(bytes);
    }
    // The peer spoke and went before anybody listened.
    if (gone) handler.closed(this.#reason);
  }

  /**
   * Hands bytes to the kernel. Returns nothing when it took them at once; else a promise that resolves when the buffer
   * may be reused. Never rejects: a broken connection is told by `closed`.
   */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#closed) return;
    this.bytesOut += bytes.length;
    let done = false;
    let resolve: (() => void) | null = null;
    this.#socket.write(bytes, () => {
      done = true;
      resolve?.();
    });
    if (this.#socket.writableLength === 0 || done) return;
    return new Promise((r) => {
      if (done || this.#closed) r();
      else resolve = r;
    });
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** Upgrades to TLS (RFC 9051 §6.2.1). The caller has made sure that nothing follows the server's OK. */
  async startTls(): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners();
    const secured = tls.connect({ socket: plain, ...tlsOptions(this.#options.host, this.#options.trust) });
    this.#socket = secured;
    await this.#untilReady(secured, 'starttls');
    this.#attach();
  }

  destroy(error: MailferryError | null): void {
    if (this.#closed) return;
    this.#reason = error;
    this.#socket.destroy();
    this.#finish(error);
  }

  /** Sends what is queued, then FIN; closed for good after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#socket.end();
    });
    this.destroy(null);
  }

  async #connect(): Promise<void> {
    const { host, port, implicitTls, trust } = this.#options;
    const onread = {
      buffer: () => this.#nextBuffer(),
      callback: (length: number, buffer: Uint8Array) => this.#onRead(length, buffer),
    };
    const common = {
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      autoSelectFamilyAttemptTimeout: addressTimeoutMs,
      onread,
    };
    if (implicitTls) {
      // tls.connect hands `onread` to its socket as net.connect does, but its type does not say so.
      const socket = tls.connect({ ...common, ...tlsOptions(host, trust) } as tls.ConnectionOptions);
      this.#socket = socket;
      await this.#untilReady(socket, 'implicit-tls');
    } else {
      const socket = net.connect(common);
      this.#socket = socket;
      await this.#untilReady(socket, 'tcp');
    }
    this.#attach(true);
  }

  async #untilReady(socket: net.Socket, phase: Exclude<ConnectionPhase, 'open'>): Promise<void> {
    const { timeoutMs, signal } = this.#options;
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new MailferryError('connect-timeout', `no answer within ${Math.round(timeoutMs / 1000)} s`));
        }, timeoutMs);
        const onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        const settle = (act: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          act();
        };
        socket.once(phase === 'tcp' ? 'connect' : 'secureConnect', () => settle(resolve));
        socket.once('error', (error) => settle(() => reject(error)));
        socket.once('close', () => settle(() => reject(new Error('closed while connecting'))));
        if (signal?.aborted) onAbort();
      });
      if (socket instanceof tls.TLSSocket) verifyPeer(socket, this.#options.trust);
    } catch (error) {
      socket.on('error', () => {});
      socket.destroy();
      if (signal?.aborted) throw signal.reason;
      throw connectionError(error, this.#options, phase);
    }
    socket.removeAllListeners('error');
    socket.removeAllListeners('close');
  }

  #attach(usesOnRead = false): void {
    const socket = this.#socket;
    if (!usesOnRead) socket.on('data', (bytes: Uint8Array) => this.#deliver(bytes, false));
    socket.on('end', () => this.#finish(null));
    socket.on('error', (error) => this.#finish(connectionError(error, this.#options, 'open')));
    socket.on('close', () => this.#finish(this.#reason));
    socket.resume();
  }

  /** A small one where little comes; the first read that fills it brings the large ones. */
  #nextBuffer(): Uint8Array {
    if (!this.#busy) {
      const buffer = this.#quiet ?? Buffer.allocUnsafeSlow(quietBufferBytes);
      this.#quiet = null;
      return buffer;
    }
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(readBufferBytes);
  }

  #onRead(length: number, buffer: Uint8Array): boolean {
    this.#smallReads = length >= quietBufferBytes ? 0 : this.#smallReads + 1;
    if (this.#smallReads === 0) this.#busy = true;
    else if (this.#smallReads === quietReads) {
      this.#busy = false;
      this.#free.length = 0;
    }
    this.#deliver(buffer.subarray(0, length), true, buffer);
    return !this.#paused;
  }

  #deliver(view: Uint8Array, reusable: boolean, buffer?: Uint8Array): void {
    if (this.#closed) return;
    if (this.#handler === null) {
      // A copy: slice() of a Buffer would be a view of a buffer that is read into again.
      this.#early.push(new Uint8Array(view));
      if (reusable && buffer !== undefined) this.#giveBack(buffer);
      return;
    }
    this.bytesIn += view.length;
    const held = this.#handler.bytes(view);
    if (held === undefined) {
      if (buffer !== undefined) this.#giveBack(buffer);
      return;
    }
    this.#held++;
    if (this.#held >= maxHeldBuffers) this.#pause();
    const release = () => {
      this.#held--;
      if (buffer !== undefined) this.#giveBack(buffer);
      if (this.#paused && this.#held < maxHeldBuffers) this.#resume();
    };
    held.then(release, release);
  }

  #giveBack(buffer: Uint8Array): void {
    if (buffer.length === quietBufferBytes) this.#quiet = buffer;
    else if (this.#busy && this.#free.length <= maxHeldBuffers) this.#free.push(buffer);
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #resume(): void {
    this.#paused = false;
    if (!this.#closed) this.#socket.resume();
  }

  #finish(error: MailferryError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reason = error;
    this.#socket.destroy();
    this.#handler?.closed(error);
  }
}
