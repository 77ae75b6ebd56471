/**
 * The client's side of a dialogue: calls the session's methods as the file says and writes down what came of each, in
 * words that a file can hold. The session is our real IMAP client; nothing here knows the protocol.
 */
import { inspect } from 'node:util';
import { concatBytes, latin1Of } from '../../src/base/bytes.ts';
import { MailferryError } from '../../src/base/errors.ts';
import type {
  AppendMessage,
  AppendOutcome,
  ChangeOutcome,
  MailboxStatus,
  MailStore,
  MessageMeta,
  StoreSession,
  UidSpan,
} from '../../src/sync/mail-store.ts';
import type { ClientStep } from './dialogue.ts';
import { fits } from './dialogue.ts';

type Lines = readonly string[];

export class Caller {
  readonly #store: MailStore;
  #session: StoreSession | null = null;
  /** Calls begun by `start NAME` and not yet looked at by `finish NAME`. */
  readonly #started = new Map<string, Promise<Lines>>();
  readonly #stops = new Map<string, AbortController>();
  readonly #told = new Map<string, string[]>();
  /** Every error and every result, for the search for secrets. */
  readonly everything: string[] = [];

  constructor(store: MailStore) {
    this.#store = store;
  }

  /** Gives what differs from the expectation; empty when all is well. */
  async run(steps: readonly ClientStep[]): Promise<string[]> {
    const faults: string[] = [];
    for (const step of steps) {
      const got = await this.#step(step.words);
      this.everything.push(...got);
      const same =
        got.length === step.expected.length && got.every((line, i) => fits(step.expected[i] ?? '', line));
      if (step.expected.length > 0 && !same) {
        faults.push(
          `line ${step.line}: ${step.words.join(' ')}\n${got.map((line) => `    => ${line}`).join('\n')}`,
        );
      } else if (step.expected.length === 0 && got.some((line) => line.startsWith('error '))) {
        faults.push(`line ${step.line}: ${step.words.join(' ')}\n    => ${got.join('\n    => ')}`);
      }
    }
    return faults;
  }

  release(): void {
    this.#session?.destroy(new Error('the dialogue has ended'));
  }

  async #step(words: readonly string[]): Promise<Lines> {
    const [verb = '', ...rest] = words;
    if (verb === 'start') {
      const [name = '', ...call] = rest;
      this.#stops.set(name, new AbortController());
      this.#started.set(name, this.#guarded(call, name));
      return [];
    }
    if (verb === 'finish') return (await this.#started.get(rest[0] ?? '')) ?? ['nothing was started'];
    if (verb === 'stop') {
      this.#stops.get(rest[0] ?? '')?.abort(new Error('stopped'));
      return [];
    }
    if (verb === 'told') return await this.#toldOnce(rest[0] ?? '', Number(rest[1] ?? 1));
    return await this.#guarded(words, '');
  }

  async #guarded(words: readonly string[], name: string): Promise<Lines> {
    const said: string[] = [];
    try {
      await this.#call(words, name, said);
    } catch (error) {
      this.everything.push(inspect(error, { depth: 12, showHidden: true }));
      said.push(errorLine(error));
    }
    return said;
  }

  async #call(words: readonly string[], name: string, said: string[]): Promise<void> {
    const [verb = '', a = '', b = '', ...rest] = words;
    if (verb === 'open') {
      this.#session = await this.#store.openSession();
      said.push('open');
      return;
    }
    if (verb === 'wait') {
      await new Promise((resolve) => setTimeout(resolve, Number(a)));
      return;
    }
    const session = this.#session;
    if (session === null) throw new Error('no session is open');
    switch (verb) {
      case 'abilities':
        for (const ability of words.slice(1))
          said.push(`${ability}=${String(session.abilities[ability as 'idle'])}`);
        break;
      case 'list':
        await listing(session, said);
        break;
      case 'status':
        said.push(statusLine(await session.status(a)));
        break;
      case 'select': {
        const { status, permanentFlags, readOnly } = await session.select(
          a,
          b === 'write' ? 'write' : 'read',
        );
        const flags = permanentFlags === null ? 'any' : permanentFlags.join(' ');
        said.push(`${statusLine(status)} permanent=(${flags})${readOnly ? ' read-only' : ''}`);
        break;
      }
      case 'meta': {
        const want = { date: words.includes('date'), size: words.includes('size') };
        await session.fetchMeta(spansOf(a), want, (meta) => said.push(metaLine(meta)));
        break;
      }
      case 'changes': {
        const { vanished } = await session.fetchChanges({ modSeq: BigInt(a) }, (meta) =>
          said.push(metaLine(meta)),
        );
        said.push(`vanished=${vanished === null ? 'unknown' : spansText(vanished)}`);
        break;
      }
      case 'uids':
        said.push(spansText(await session.listUids()));
        break;
      case 'bodies':
        await bodies(session, a.split(',').map(Number), said);
        break;
      case 'header':
        said.push(JSON.stringify(latin1Of(await session.fetchHeaderFields(Number(a), [b, ...rest]))));
        break;
      case 'append':
        said.push(appendLine(await session.append(a, messagesOf(b, rest))));
        break;
      case 'store':
        said.push(
          changeLine(await session.storeFlags(a.split(',').map(Number), b === '-' ? '-' : '+', rest)),
        );
        break;
      case 'move': {
        const outcome = await session.move(a.split(',').map(Number), b);
        const uids = outcome.kind === 'done' ? outcome.uids : undefined;
        said.push(`${changeLine(outcome)}${uids ? ` ${uids.map((pair) => pair.join('->')).join(' ')}` : ''}`);
        break;
      }
      case 'expunge':
        said.push(changeLine(await session.expunge(a.split(',').map(Number))));
        break;
      case 'create':
        said.push(changeLine(await session.create(a, b === '' ? null : b)));
        break;
      case 'subscribe':
        said.push(changeLine(await session.subscribe(a)));
        break;
      case 'quota':
        for (const one of await session.quota()) said.push(`${one.name} ${one.usage} of ${one.limit}`);
        break;
      case 'noop':
        await session.noop();
        said.push('done');
        break;
      case 'watch':
        await this.#watch(session, words.slice(1), name);
        said.push('ended');
        break;
      case 'close':
        await session.close();
        break;
      case 'closed':
        said.push(String(session.closed));
        break;
      default:
        throw new Error(`unknown call: ${verb}`);
    }
  }

  async #watch(session: StoreSession, names: readonly string[], name: string): Promise<void> {
    const told: string[] = [];
    this.#told.set(name, told);
    const signal = this.#stops.get(name)?.signal ?? AbortSignal.abort();
    await session.watch(
      names[0] === 'all' ? 'all' : names,
      {
        ready: (covered, looks) =>
          told.push(`ready ${covered === 'all' ? 'all' : covered.join(' ')}${looks ? ', looks' : ''}`),
        changed: (mailbox) => told.push(mailbox),
      },
      signal,
    );
  }

  /** Waits until the watch of this name has told so many names. */
  async #toldOnce(name: string, count: number): Promise<Lines> {
    const until = performance.now() + 2_000;
    // The call itself may not have begun yet.
    while ((this.#told.get(name)?.length ?? 0) < count && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 5));
    return this.#told.get(name)?.splice(0) ?? [];
  }
}

function errorLine(error: unknown): string {
  if (!(error instanceof MailferryError)) return `error ${String(error)}`;
  const wait = error.retryAfterMs === undefined ? '' : ` (wait ${error.retryAfterMs} ms)`;
  return `error ${error.code}: ${error.message}${wait}`;
}

async function listing(session: StoreSession, said: string[]): Promise<void> {
  const { mailboxes, prefix, delimiter } = await session.list();
  said.push(`prefix ${JSON.stringify(prefix)} delimiter ${JSON.stringify(delimiter)}`);
  for (const box of mailboxes) {
    const parts = [JSON.stringify(box.name)];
    if (!box.selectable) parts.push('not selectable');
    if (box.status !== null) parts.push(statusLine(box.status));
    if (box.problem !== null) parts.push(`problem: ${box.problem}`);
    if (box.specialUse.length > 0) parts.push(`use=${box.specialUse.join(',')}`);
    if (box.subscribed) parts.push('subscribed');
    said.push(parts.join(' '));
  }
}

function statusLine(status: MailboxStatus): string {
  const { messages, uidNext, uidValidity, highestModSeq, mailboxId } = status;
  const id = mailboxId === null ? '' : ` id=${mailboxId}`;
  return `messages=${messages} uidnext=${uidNext} uidvalidity=${uidValidity} modseq=${highestModSeq ?? 'none'}${id}`;
}

function metaLine(meta: MessageMeta): string {
  const date = meta.internalDate === null ? '' : ` date="${meta.internalDate}"`;
  const size = meta.sizeBytes === null ? '' : ` size=${meta.sizeBytes}`;
  const modSeq = meta.modSeq === null ? '' : ` modseq=${meta.modSeq}`;
  return `uid=${meta.uid} flags=(${meta.flags.join(' ')})${date}${size}${modSeq}`;
}

async function bodies(session: StoreSession, uids: readonly number[], said: string[]): Promise<void> {
  let open: { uid: number; sizeBytes: number; parts: Uint8Array[] } | null = null;
  const tell = (how: string) => {
    if (open === null) return;
    const text = latin1Of(concatBytes(open.parts));
    const shown = text.length > 60 ? `${text.length} octets` : JSON.stringify(text);
    said.push(`${open.uid}: ${how}${open.sizeBytes} octets, ${shown}`);
    open = null;
  };
  try {
    await session.fetchBodies(uids, {
      begin: (uid, sizeBytes) => {
        open = { uid, sizeBytes, parts: [] };
      },
      chunk: (bytes) => {
        open?.parts.push(new Uint8Array(bytes));
      },
      end: () => tell(''),
      missing: (uid, reason) =>
        said.push(
          `${uid}: missing${reason === undefined ? '' : `, ${changeLine({ kind: 'refused', reason })}`}`,
        ),
    });
  } catch (error) {
    tell('cut off of ');
    throw error;
  }
}

/** `4,5000` are two messages; words behind it are flags, `date=...`, `binary` and `streamed`. */
function messagesOf(sizes: string, words: readonly string[]): AppendMessage[] {
  const date = words.find((word) => word.startsWith('date='));
  const flags = words.filter((word) => word.startsWith('\\') || word.startsWith('$'));
  return sizes.split(',').map((size) => {
    const bytes = Buffer.alloc(Number(size), 'm');
    return {
      flags,
      internalDate: date === undefined ? null : date.slice(5),
      sizeBytes: bytes.length,
      binary: words.includes('binary'),
      body: words.includes('streamed')
        ? async (write) => {
            for (let at = 0; at < bytes.length; at += 1000) await write(bytes.subarray(at, at + 1000));
          }
        : bytes,
    };
  });
}

function appendLine(outcome: AppendOutcome): string {
  if (outcome.kind === 'stored') {
    return `stored uidvalidity=${outcome.uidValidity ?? 'unknown'} uids=${outcome.uids?.join(',') ?? 'unknown'}`;
  }
  if (outcome.kind === 'refused') return changeLine(outcome);
  return `unknown: ${errorLine(outcome.cause)}`;
}

function changeLine(outcome: ChangeOutcome): string {
  if (outcome.kind === 'done') return 'done';
  const { class: kind, code, text } = outcome.reason;
  return `refused ${kind}${code === null ? '' : ` [${code}]`}: ${text}`;
}

function spansOf(text: string): UidSpan[] {
  return text.split(',').map((part) => {
    const [first = '', last = first] = part.split(':');
    return [Number(first), last === '*' ? Number.POSITIVE_INFINITY : Number(last)];
  });
}

function spansText(spans: readonly UidSpan[]): string {
  return spans.map(([first, last]) => (first === last ? `${first}` : `${first}:${last}`)).join(',');
}
