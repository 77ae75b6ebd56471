/** A mail store whose connections are places of its server's budget, and whose short commands are timed. */
import type { Clock } from '../base/clock.ts';
import { MailferryError } from '../base/errors.ts';
import type { AppendMessage, MailStore, StoreSession } from '../sync/index.ts';
import type { Place, Purpose, ServerBudget } from './server-budget.ts';

export class BudgetedStore implements MailStore {
  readonly side: MailStore['side'];
  readonly identity: MailStore['identity'];
  readonly #inner: MailStore;
  readonly #budget: ServerBudget;
  readonly #clock: Clock;
  readonly #listens: boolean;
  readonly #maxConnections: number;
  readonly #mayWrite: () => boolean;
  readonly #master: boolean;
  readonly #opened: (session: StoreSession) => void;
  readonly #open = new Set<object>();
  readonly #sessions = new Set<StoreSession>();
  #cut = false;

  /**
   * `listens`: all its connections only listen. `maxConnections`: of this account at once. `mayWrite`: asked before
   * each command that changes something, and before each piece of a streamed message; false cuts the connection.
   */
  constructor(
    inner: MailStore,
    budget: ServerBudget,
    clock: Clock,
    use: {
      readonly listens: boolean;
      readonly maxConnections: number;
      readonly mayWrite: () => boolean;
      /** It logs in as the side's master user. */
      readonly master: boolean;
      readonly opened: (session: StoreSession) => void;
    },
  ) {
    this.side = inner.side;
    this.identity = inner.identity;
    this.#inner = inner;
    this.#budget = budget;
    this.#clock = clock;
    this.#listens = use.listens;
    this.#maxConnections = use.maxConnections;
    this.#mayWrite = use.mayWrite;
    this.#master = use.master;
    this.#opened = use.opened;
  }

  async openSession(signal?: AbortSignal): Promise<StoreSession> {
    if (this.#open.size >= this.#maxConnections) {
      throw new MailferryError('too-many-connections', 'all connections this account is allowed are in use');
    }
    const purpose: Purpose = this.#listens ? 'listen' : this.#open.size === 0 ? 'pass' : 'extra';
    const place = await this.#budget.place(purpose, signal, this.identity.user);
    this.#open.add(place);
    const end = () => {
      this.#open.delete(place);
      place.release();
    };
    try {
      const inner = await this.#inner.openSession(signal);
      this.#budget.opened(null, this.identity.user);
      this.#opened(inner);
      const ended = once(() => {
        this.#sessions.delete(session);
        end();
      });
      const session: StoreSession = budgeted(
        inner,
        ended,
        (ms) => this.#budget.took(ms),
        this.#clock,
        this.#mayWrite,
      );
      this.#sessions.add(session);
      if (this.#cut) this.cut();
      return session;
    } catch (error) {
      // First: the place that becomes free is not for the next one where the server cannot be reached.
      const told = this.#budget.opened(error, this.identity.user, this.#master);
      end();
      throw told;
    }
  }

  /** Cuts all its connections at once, also those that are being closed; what is opened from now on is cut too. */
  cut(): void {
    this.#cut = true;
    for (const session of this.#sessions) session.destroy('cut');
  }
}

function once(end: () => void): Place['release'] {
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    end();
  };
}

const writing: ReadonlySet<string> = new Set<keyof StoreSession>([
  'append',
  'storeFlags',
  'move',
  'expunge',
  'create',
  'rename',
  'remove',
  'subscribe',
]);

/** The session itself, with a place that is given back at its end. */
function budgeted(
  session: StoreSession,
  end: () => void,
  took: (ms: number) => void,
  clock: Clock,
  mayWrite: () => boolean,
): StoreSession {
  const timed = async <T>(work: Promise<T>): Promise<T> => {
    const since = clock.monotonic();
    const result = await work;
    took(clock.monotonic() - since);
    return result;
  };
  const destroy = (reason: unknown) => {
    session.destroy(reason);
    end();
  };
  /** Who slept in the middle of a message, and wakes when another has sent it, must not send its end. */
  const guarded = (message: AppendMessage): AppendMessage => {
    const { body } = message;
    if (typeof body !== 'function') return message;
    return {
      ...message,
      body: (write) =>
        body((bytes) => (mayWrite() ? write(bytes) : destroy('the account may be in other hands'))),
    };
  };
  const overridden: Partial<StoreSession> = {
    status: (name) => timed(session.status(name)),
    select: (name, mode) => timed(session.select(name, mode)),
    append: (name, messages) => session.append(name, messages.map(guarded)),
    close: () => session.close().finally(end),
    destroy,
  };
  return new Proxy(session, {
    get(target, key) {
      if (writing.has(String(key)) && !mayWrite()) {
        destroy('the account may be in other hands');
        throw new MailferryError(
          'lease-lost',
          'this worker slept too long: the account may be in other hands',
        );
      }
      const own = overridden[key as keyof StoreSession];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
