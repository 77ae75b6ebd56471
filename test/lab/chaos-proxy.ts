/**
 * A TCP proxy that breaks connections at an exact place: after so many bytes of one direction, or when a byte pattern
 * passes. It forwards bytes unchanged until a rule fires, and keeps the commands that the client sent, so that a test
 * can tell what was asked of a server. (Through TLS it sees no commands, of course.)
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Direction = 'to-server' | 'to-client';

export type ChaosTrigger =
  | { readonly direction: Direction; readonly afterBytes: number }
  /** `occurrence` counts from 1 within the connection. With `pass` the pattern itself still goes through. */
  | {
      readonly direction: Direction;
      readonly seen: string;
      readonly occurrence?: number;
      readonly pass?: boolean;
    };

export type ChaosAction =
  /** FIN to both sides. */
  | { readonly kind: 'cut' }
  /** RST to both sides. */
  | { readonly kind: 'reset' }
  /** Nothing more in this direction, for `ms` or until `release()`; the connection stays open. */
  | { readonly kind: 'stall'; readonly ms?: number }
  /** From here on no faster than this, in this direction. */
  | { readonly kind: 'drip'; readonly bytesPerSecond: number };

export interface ChaosRule {
  /** Number of the connection, from 1 in the order of arrival; default every one. */
  readonly connection?: number;
  readonly when: ChaosTrigger;
  readonly action: ChaosAction;
}

export interface ChaosConnection {
  readonly number: number;
  /** Commands of the client without their tags; a literal is shown by its length: `APPEND INBOX {310+}`. */
  readonly commands: readonly string[];
  readonly bytes: { readonly toServer: number; readonly toClient: number };
  /** Kinds of the actions that were taken. */
  readonly fired: readonly ChaosAction['kind'][];
  readonly open: boolean;
}

export interface ChaosProxy {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly connections: readonly ChaosConnection[];
  /** For connections that come after this call. */
  setRules(rules: readonly ChaosRule[]): void;
  /** Ends all stalls. */
  release(): void;
  /** Breaks all open connections at once. */
  breakAll(kind: 'cut' | 'reset'): void;
  /** Refuses new connections (by RST) until called with false. */
  refuse(on: boolean): void;
  /** How many were refused so far. */
  readonly refused: number;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ChaosProxyOptions {
  readonly target: { readonly host?: string; readonly port: number };
  readonly rules?: readonly ChaosRule[];
}

export async function startChaosProxy(options: ChaosProxyOptions): Promise<ChaosProxy> {
  const links: Link[] = [];
  let rules = options.rules ?? [];
  let refusing = false;
  let refused = 0;
  const server = createServer((client) => {
    if (refusing) {
      refused++;
      client.resetAndDestroy();
      return;
    }
    const number = links.length + 1;
    const mine = rules.filter((rule) => rule.connection === undefined || rule.connection === number);
    const upstream = connect({ host: options.target.host ?? '127.0.0.1', port: options.target.port });
    links.push(new Link(number, client, upstream, mine));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = async () => {
    for (const link of links) link.break('cut');
    await closed(server);
  };
  return {
    host: '127.0.0.1',
    port: portOf(server),
    connections: links,
    setRules: (next) => {
      rules = next;
    },
    release: () => {
      for (const link of links) link.release();
    },
    breakAll: (kind) => {
      for (const link of links) link.break(kind);
    },
    refuse: (on) => {
      refusing = on;
    },
    get refused() {
      return refused;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** One connection with its two directions. */
class Link implements ChaosConnection {
  readonly number: number;
  readonly bytes = { toServer: 0, toClient: 0 };
  readonly fired: ChaosAction['kind'][] = [];
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #recorder = new CommandRecorder();
  #releases: (() => void)[] = [];
  #broken = false;

  constructor(number: number, client: Socket, server: Socket, rules: readonly ChaosRule[]) {
    this.number = number;
    this.#client = client;
    this.#server = server;
    client.setNoDelay(true);
    server.setNoDelay(true);
    void this.#pump('to-server', client, server, rules);
    void this.#pump('to-client', server, client, rules);
  }

  get commands(): readonly string[] {
    return this.#recorder.commands;
  }

  get open(): boolean {
    return !this.#broken && !this.#client.destroyed;
  }

  break(kind: 'cut' | 'reset'): void {
    if (this.#broken) return;
    this.#broken = true;
    this.release();
    for (const socket of [this.#client, this.#server]) {
      if (kind === 'reset') socket.resetAndDestroy();
      else socket.destroySoon();
    }
  }

  release(): void {
    for (const release of this.#releases) release();
    this.#releases = [];
  }

  async #pump(direction: Direction, from: Socket, to: Socket, rules: readonly ChaosRule[]): Promise<void> {
    const pending = rules.filter(({ when }) => when.direction === direction).map((rule) => new Watch(rule));
    const count = direction === 'to-server' ? 'toServer' : 'toClient';
    let bytesPerSecond = Infinity;
    /** Bytes that may be the beginning of a pattern and must not pass before that is known. */
    let held: Buffer = Buffer.alloc(0);
    to.on('error', () => this.break('cut'));

    const forward = async (bytes: Buffer) => {
      this.bytes[count] += bytes.length;
      if (direction === 'to-server') this.#recorder.clientSent(bytes);
      else this.#recorder.serverSent(bytes);
      const step = bytesPerSecond === Infinity ? bytes.length : Math.max(1, Math.floor(bytesPerSecond / 20));
      for (let at = 0; at < bytes.length && !this.#broken; at += step) {
        if (!to.write(bytes.subarray(at, at + step))) await drained(to);
        if (bytesPerSecond !== Infinity) await pause((step / bytesPerSecond) * 1_000);
      }
    };
    const act = async (action: ChaosAction) => {
      this.fired.push(action.kind);
      switch (action.kind) {
        case 'cut':
        case 'reset':
          this.break(action.kind);
          return;
        case 'drip':
          bytesPerSecond = action.bytesPerSecond;
          return;
        case 'stall':
          await new Promise<void>((resolve) => {
            this.#releases.push(resolve);
            if (action.ms !== undefined) setTimeout(resolve, action.ms).unref();
          });
      }
    };
    /** Forwards what may pass, acting where rules say; gives what must wait for more bytes. */
    const take = async (bytes: Buffer): Promise<Buffer> => {
      for (;;) {
        const due = pending
          .map((watch) => ({ watch, at: watch.find(bytes, this.bytes[count]) }))
          .filter((one): one is { watch: Watch; at: number } => one.at !== null)
          .sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        await forward(bytes.subarray(0, due.at));
        bytes = bytes.subarray(due.at);
        if (!due.watch.fires()) {
          // An earlier occurrence than the one asked for: let one byte pass, so that it is not found again.
          await forward(bytes.subarray(0, 1));
          bytes = bytes.subarray(1);
          continue;
        }
        pending.splice(pending.indexOf(due.watch), 1);
        await act(due.watch.rule.action);
        if (this.#broken) return Buffer.alloc(0);
      }
      const keep = Math.max(0, ...pending.map((watch) => watch.prefixAtEnd(bytes)));
      await forward(bytes.subarray(0, bytes.length - keep));
      return bytes.subarray(bytes.length - keep);
    };

    try {
      await take(Buffer.alloc(0));
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (this.#broken) return;
        held = await take(held.length === 0 ? chunk : Buffer.concat([held, chunk]));
      }
      if (this.#broken) return;
      await forward(held);
      to.end();
    } catch {
      // The side we read from broke; so does the other.
      this.break('reset');
    }
  }
}

/** Looks for the place of one rule in one direction. */
class Watch {
  readonly rule: ChaosRule;
  readonly #pattern: Buffer | null;
  #left: number;

  constructor(rule: ChaosRule) {
    this.rule = rule;
    this.#pattern = 'seen' in rule.when ? Buffer.from(rule.when.seen, 'latin1') : null;
    this.#left = 'seen' in rule.when ? (rule.when.occurrence ?? 1) : 1;
  }

  /** Where in `bytes`, of which the first is number `offset` of the direction, the rule's place is; or null. */
  find(bytes: Buffer, offset: number): number | null {
    const { when } = this.rule;
    if ('afterBytes' in when) {
      const at = when.afterBytes - offset;
      return at >= 0 && at <= bytes.length ? at : null;
    }
    const pattern = this.#pattern as Buffer;
    const at = bytes.indexOf(pattern);
    if (at < 0) return null;
    return when.pass === true && this.#left === 1 ? at + pattern.length : at;
  }

  /** Called at each place found: whether this is the one. */
  fires(): boolean {
    this.#left -= 1;
    return this.#left === 0;
  }

  /** How many bytes at the end may be the beginning of the pattern. */
  prefixAtEnd(bytes: Buffer): number {
    const pattern = this.#pattern;
    if (pattern === null) return 0;
    for (let length = Math.min(pattern.length - 1, bytes.length); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(pattern.subarray(0, length))) return length;
    }
    return 0;
  }
}

/** Reads commands out of what the client sends. */
class CommandRecorder {
  readonly commands: string[] = [];
  #line: string = '';
  #buffer: Buffer = Buffer.alloc(0);
  #literalLeft = 0;
  /** Tag of the command whose synchronising literal is still to be asked for. */
  #awaited: string | null = null;
  #serverTail = '';
  #afterAuthenticate = false;

  serverSent(bytes: Buffer): void {
    if (this.#awaited === null) return;
    this.#serverTail = (this.#serverTail + bytes.toString('latin1')).slice(-4_096);
  }

  clientSent(bytes: Buffer): void {
    if (this.#literalLeft >= bytes.length) {
      this.#literalLeft -= bytes.length;
      return;
    }
    if (this.#awaited !== null) this.#settleAwaited();
    this.#buffer = Buffer.concat([this.#buffer, bytes.subarray(this.#literalLeft)]);
    this.#literalLeft = 0;
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = this.#buffer.toString('latin1', 0, end);
      this.#buffer = this.#buffer.subarray(end + 2);
      this.#line += line;
      const literal = /\{(\d+)(\+?)\}$/.exec(line);
      if (literal === null) {
        this.#finish();
        continue;
      }
      this.#literalLeft = Number(literal[1]);
      if (literal[2] === '') {
        this.#awaited = this.#line.split(' ', 1)[0] ?? '';
        this.#serverTail = '';
        if (this.#buffer.length > 0) this.#settleAwaited();
        else return;
      }
      const skipped = Math.min(this.#literalLeft, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(skipped);
      this.#literalLeft -= skipped;
      if (this.#literalLeft > 0) return;
    }
  }

  /** The client goes on: with the literal, unless the server has refused the command meanwhile. */
  #settleAwaited(): void {
    const answers = `\n${this.#serverTail}`.toUpperCase();
    const tag = (this.#awaited ?? '').toUpperCase();
    if (answers.includes(`\n${tag} NO`) || answers.includes(`\n${tag} BAD`)) {
      this.#literalLeft = 0;
      this.#finish();
    }
    this.#awaited = null;
  }

  #finish(): void {
    const line = this.#line;
    this.#line = '';
    const space = line.indexOf(' ');
    // Lines without a tag are DONE after IDLE and the client's part of AUTHENTICATE.
    if (this.#afterAuthenticate && space < 0) return;
    this.#afterAuthenticate = /^\S+ AUTHENTICATE /i.test(line);
    this.commands.push(space < 0 ? line : line.slice(space + 1));
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      socket.off('drain', end);
      socket.off('close', end);
      resolve();
    };
    socket.once('drain', end);
    socket.once('close', end);
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the port of a listener is unknown');
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
