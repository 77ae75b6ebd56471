/** A page of a mailbox that somebody looks at: hears its stream, asks anew at most once a second, and comes back. */
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** As the pages do. */
const leastMs = 1_000;
const firstWaitMs = 1_000;

export interface Heard {
  readonly kind: string;
  readonly atMs: number;
}

export class Viewer {
  readonly accountId: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent;
  #url: string;
  #lastId: string | null = null;
  #stream: ClientRequest | null = null;
  #asking: NodeJS.Timeout | null = null;
  #over = false;
  connected = false;
  /** Whether it asks for the mailbox when it hears something. */
  asks = false;
  readonly heard: Heard[] = [];
  /** How long each question for the mailbox took, in milliseconds. */
  readonly answeredMs: number[] = [];
  /** Answers that were none. */
  readonly failed: (number | string)[] = [];

  constructor(url: string, cookie: string, accountId: string, agent: Agent) {
    this.#url = `${url}/api/v1`;
    this.#headers = { cookie, 'sec-fetch-site': 'same-origin' };
    this.accountId = accountId;
    this.#agent = agent;
  }

  /** Resolves after `leave`. */
  async look(): Promise<void> {
    let waitMs = firstWaitMs;
    while (!this.#over) {
      const held = await this.#hear();
      this.connected = false;
      if (held) waitMs = firstWaitMs;
      if (!this.#over) await sleep(waitMs * (0.5 + Math.random()));
      waitMs *= 2;
    }
  }

  leave(): void {
    this.#over = true;
    if (this.#asking !== null) clearTimeout(this.#asking);
    this.#stream?.destroy();
  }

  /** One stream to its end; says whether there was one. */
  #hear(): Promise<boolean> {
    return new Promise((resolve) => {
      const seen = this.#lastId === null ? {} : { 'last-event-id': this.#lastId };
      const url = `${this.#url}/events?account=${this.accountId}`;
      this.#stream = request(url, { headers: { ...this.#headers, ...seen }, agent: false }, (response) => {
        this.connected = response.statusCode === 200;
        if (!this.connected) this.failed.push(response.statusCode ?? 0);
        this.#read(response);
        response.on('close', () => resolve(true));
      });
      this.#stream.on('error', () => resolve(false));
      this.#stream.end();
    });
  }

  #read(response: IncomingMessage): void {
    let rest = '';
    response.on('error', () => {});
    response.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('id: ')) this.#lastId = line.slice(4);
        if (!line.startsWith('event: ')) continue;
        this.heard.push({ kind: line.slice(7), atMs: performance.now() });
        if (this.asks) this.#asking ??= setTimeout(() => void this.#ask(), leastMs);
      }
    });
  }

  /** One question at a time. */
  async #ask(): Promise<void> {
    const began = performance.now();
    const url = `${this.#url}/accounts/${this.accountId}/crossing`;
    await new Promise<void>((resolve) => {
      const asked = request(url, { headers: this.#headers, agent: this.#agent }, (response) => {
        if (response.statusCode !== 200) this.failed.push(response.statusCode ?? 0);
        response.on('close', resolve).resume();
      });
      asked.on('error', (error) => {
        if (!this.#over) this.failed.push(String(error));
        resolve();
      });
      asked.end();
    });
    this.answeredMs.push(performance.now() - began);
    this.#asking = null;
  }
}
