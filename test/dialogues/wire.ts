/** The server's end of one scripted connection: reads lines and counted bytes, writes, upgrades to TLS. */
import { readFileSync } from 'node:fs';
import type net from 'node:net';
import tls from 'node:tls';
import { labCertificates } from '../lab/certificates.ts';

/** What the client owes us must come within this; a dialogue that waits longer is wrong. */
const patienceMs = 5_000;

export class Wire {
  #socket: net.Socket;
  #buffered: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #onData = (bytes: Buffer) => {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    this.#wake();
  };
  /** A client that hangs up while we write is part of many dialogues, so an error is an end like others. */
  readonly #onEnd = () => {
    this.#ended = true;
    this.#wake();
  };

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#listen();
  }

  #listen(): void {
    this.#socket.on('data', this.#onData);
    for (const event of ['end', 'close', 'error']) this.#socket.on(event, this.#onEnd);
  }

  /** Waits until `take` finds what it wants; null when the client is gone or time is up. */
  async #take<T>(take: () => T | null, withinMs = patienceMs): Promise<T | null> {
    const until = performance.now() + withinMs;
    for (;;) {
      const found = take();
      if (found !== null) return found;
      const leftMs = until - performance.now();
      if (this.#ended || leftMs <= 0) return null;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The next line without CRLF, one character per byte; what there is without line end when none comes. */
  async line(): Promise<{ readonly text: string; readonly whole: boolean }> {
    const whole = await this.#take(() => {
      const at = this.#buffered.indexOf('\r\n');
      return at < 0 ? null : this.#cut(at, 2);
    });
    if (whole !== null) return { text: whole.toString('latin1'), whole: true };
    return { text: this.#cut(this.#buffered.length, 0).toString('latin1'), whole: false };
  }

  /** Exactly `count` bytes; fewer when the client hangs up first. */
  async bytes(count: number): Promise<Buffer> {
    const whole = await this.#take(() => (this.#buffered.length < count ? null : this.#cut(count, 0)));
    return whole ?? this.#cut(this.#buffered.length, 0);
  }

  /** Whatever comes until the client closes or `withinMs` are over. */
  async rest(withinMs: number): Promise<{ readonly text: string; readonly closed: boolean }> {
    await this.#take(() => null, withinMs);
    return { text: this.#cut(this.#buffered.length, 0).toString('latin1'), closed: this.#ended };
  }

  /** As `rest`, but returns as soon as there is anything. */
  async anything(withinMs: number): Promise<string> {
    await this.#take(() => (this.#buffered.length > 0 ? true : null), withinMs);
    return this.#buffered.toString('latin1');
  }

  #cut(count: number, skip: number): Buffer {
    const taken = Buffer.from(this.#buffered.subarray(0, count));
    this.#buffered = this.#buffered.subarray(count + skip);
    return taken;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#ended || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const ended = () => resolve();
      this.#socket.once('close', ended);
      this.#socket.write(bytes, () => {
        this.#socket.off('close', ended);
        resolve();
      });
    });
  }

  async startTls(certificate: 'good' | 'expired' | 'wrongHost' | 'selfSigned'): Promise<void> {
    const pair = labCertificates()[certificate];
    const plain = this.#socket;
    plain.off('data', this.#onData);
    const secured = new tls.TLSSocket(plain, {
      isServer: true,
      key: readFileSync(pair.key),
      cert: readFileSync(pair.cert),
    });
    this.#socket = secured;
    this.#listen();
    // Without a handshake, because the client refuses the certificate, the next step finds the end.
    await new Promise<void>((resolve) => {
      for (const event of ['secure', 'end', 'close', 'error']) secured.once(event, () => resolve());
    });
  }

  /** FIN: the client may still write. */
  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
