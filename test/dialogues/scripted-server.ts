/** A real TCP server on loopback that plays the server's side of a dialogue and holds the client to its side. */
import net from 'node:net';
import type { WireStep } from './dialogue.ts';
import { bytesOfLine } from './dialogue.ts';
import { Wire } from './wire.ts';

export interface ScriptedServer {
  readonly port: number;
  /** What the client did otherwise than written; empty when all went by the dialogue. */
  readonly faults: readonly string[];
  /** Resolves when every connection of the dialogue has been played. */
  played(): Promise<void>;
  stop(): Promise<void>;
}

export interface ScriptedServerOptions {
  readonly path: string;
  readonly connections: readonly (readonly WireStep[])[];
  /** Values of `$name` in `C:` and `S:` lines; all other names stand for a tag. */
  readonly values: (port: number) => Readonly<Record<string, string>>;
}

/** How long a connection may live on after its last step without the client closing it. */
const lingerMs = 3_000;

export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const faults: string[] = [];
  const plays: Promise<void>[] = [];
  const open = new Set<Wire>();
  let values: Readonly<Record<string, string>> = {};
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const steps = options.connections[plays.length];
    const wire = new Wire(socket);
    open.add(wire);
    if (steps === undefined) {
      faults.push(
        `${options.path}: the client opened connection ${plays.length + 1}, which is not in the dialogue`,
      );
      wire.destroy();
      plays.push(Promise.resolve());
      return;
    }
    const player = new Player(options.path, wire, values);
    plays.push(
      player
        .play(steps)
        .catch((error: unknown) => void faults.push(error instanceof Error ? error.message : String(error)))
        .finally(() => wire.destroy()),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  values = options.values(port);
  return {
    port,
    faults,
    played: async () => {
      await Promise.all(plays);
      const missing = options.connections.length - plays.length;
      if (missing > 0) faults.push(`${options.path}: the client opened ${missing} connections too few`);
    },
    stop: async () => {
      for (const wire of open) wire.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Player {
  readonly #path: string;
  readonly #wire: Wire;
  readonly #values: Readonly<Record<string, string>>;
  readonly #tags = new Map<string, string>();

  constructor(path: string, wire: Wire, values: Readonly<Record<string, string>>) {
    this.#path = path;
    this.#wire = wire;
    this.#values = values;
  }

  async play(steps: readonly WireStep[]): Promise<void> {
    for (const step of steps) await this.#step(step);
    if (steps.at(-1)?.verb === 'S-RESET') return;
    const { text, closed } = await this.#wire.rest(lingerMs);
    if (text !== '') throw this.#fault(steps.at(-1), `the client went on with ${show(text)}`);
    if (!closed) throw this.#fault(steps.at(-1), 'the client left the connection open');
  }

  async #step(step: WireStep): Promise<void> {
    const { text } = step;
    switch (step.verb) {
      case 'S':
        return this.#wire.write(this.#bytes(`${text}<x0d 0a>`));
      case 'S-':
        return this.#wire.write(this.#bytes(text));
      case 'S-FILL':
        return this.#wire.write(Buffer.alloc(Number(text), 'x'));
      case 'S-DRIP':
        return this.#drip(text);
      case 'S-WAIT':
        await new Promise((resolve) => setTimeout(resolve, Number(text)));
        return;
      case 'S-CLOSE':
        return this.#wire.end();
      case 'S-RESET':
        return this.#wire.reset();
      case 'S-TLS':
        return this.#wire.startTls(text === '' ? 'good' : (text as 'expired' | 'wrongHost' | 'selfSigned'));
      case 'C':
        return this.#expectLine(step);
      case 'C-ANY': {
        const { text: line } = await this.#wire.line();
        this.#tags.set('tag', line.split(' ')[0] ?? '');
        return;
      }
      case 'C-':
        return this.#expectBytes(step, Buffer.from(this.#bytes(text)));
      case 'C-FILL':
        return this.#expectBytes(step, Buffer.alloc(Number(text), 'm'));
      case 'C-SILENT': {
        const said = await this.#wire.anything(Number(text));
        if (said !== '') throw this.#fault(step, `the client said ${show(said)}`);
        return;
      }
      case 'C-CLOSE': {
        const { text: said, closed } = await this.#wire.rest(lingerMs);
        if (said !== '' || !closed)
          throw this.#fault(step, `the client did not close, and said ${show(said)}`);
        return;
      }
      case 'LOGGED-IN':
        return this.#login(step);
      default:
        throw this.#fault(step, 'unknown step');
    }
  }

  /** The login that most dialogues begin with; the text are the capabilities behind it. */
  async #login(step: WireStep): Promise<void> {
    const at = (verb: string, text: string) => this.#step({ line: step.line, verb, text });
    await at('S', '* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready');
    await at('C', '$tag AUTHENTICATE PLAIN $plain');
    await at('S', `$tag OK [CAPABILITY IMAP4rev1${step.text === '' ? '' : ` ${step.text}`}] Logged in`);
  }

  async #drip(text: string): Promise<void> {
    const at = text.indexOf(' ');
    for (const byte of this.#bytes(text.slice(at + 1))) {
      await this.#wire.write(Uint8Array.of(byte));
      await new Promise((resolve) => setTimeout(resolve, Number(text.slice(0, at))));
    }
  }

  async #expectLine(step: WireStep): Promise<void> {
    const { text, whole } = await this.#wire.line();
    if (!whole) {
      throw this.#fault(
        step,
        text === '' ? 'the client said nothing' : `the client stopped in ${show(text)}`,
      );
    }
    const names: string[] = [];
    const pattern = Buffer.from(bytesOfLine(this.#known(step.text)))
      .toString('latin1')
      .replaceAll(/[.*+?^{}()|[\]\\]/g, '\\$&')
      .replaceAll(/\$([a-z][a-z0-9]*)?/g, (_, name: string | undefined) => {
        if (name === undefined) return '\\$';
        names.push(name);
        return '([A-Za-z0-9]+)';
      });
    const match = new RegExp(`^${pattern}$`, 's').exec(text);
    if (match === null) throw this.#fault(step, `the client said ${show(text)}`);
    for (const [i, name] of names.entries()) this.#tags.set(name, match[i + 1] ?? '');
  }

  async #expectBytes(step: WireStep, wanted: Buffer): Promise<void> {
    const got = await this.#wire.bytes(wanted.length);
    if (!got.equals(wanted)) throw this.#fault(step, `the client said ${show(got.toString('latin1'))}`);
  }

  /** Bytes with tags and values put in. */
  #bytes(text: string): Uint8Array {
    const filled = this.#known(text).replaceAll(
      /\$([a-z][a-z0-9]*)/g,
      (whole, name: string) => this.#tags.get(name) ?? whole,
    );
    return bytesOfLine(filled);
  }

  /** Values put in; names of tags are left. `<x41>` becomes its byte. */
  #known(text: string): string {
    return text.replaceAll(/\$([a-z][a-z0-9]*)/g, (whole, name: string) => this.#values[name] ?? whole);
  }

  #fault(step: WireStep | undefined, what: string): Error {
    const place = step === undefined ? this.#path : `${this.#path}:${step.line}: ${step.verb}: ${step.text}`;
    return new Error(`${place}\n  ${what}`);
  }
}

function show(text: string): string {
  return text === '' ? 'nothing' : JSON.stringify(text.slice(0, 300));
}
