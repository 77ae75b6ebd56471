/** The `MailStore` port in memory: sessions on a FakeServer. */
import { type ErrorCode, MailferryError } from '../../src/base/errors.ts';
import type { MailStore, StoreSession } from '../../src/sync/mail-store.ts';
import type { FakeServer } from './fake-server.ts';
import { FakeSession } from './fake-session.ts';

/** Nobody came as far as to a login. */
const notReached: ReadonlySet<ErrorCode> = new Set([
  'unreachable',
  'dns-failed',
  'connect-timeout',
  'connection-lost',
  'server-blocked',
]);

export class FakeMailStore implements MailStore {
  readonly side: 'old' | 'new';
  readonly identity: MailStore['identity'];
  readonly #server: FakeServer;

  constructor(
    server: FakeServer,
    side: 'old' | 'new' = 'new',
    identity: Partial<MailStore['identity']> = {},
  ) {
    this.#server = server;
    this.side = side;
    this.identity = { host: `${side}.example`, port: 993, user: 'anna', ...identity };
  }

  async openSession(signal?: AbortSignal): Promise<StoreSession> {
    const server = this.#server;
    if (signal?.aborted) throw signal.reason;
    server.arrive(0, 'LOGIN', null, 0);
    const slow = server.take('slow', null, (one) => one.op === 'LOGIN');
    if (slow) await server.clock.sleep(slow.byMs, signal);
    const refusal = server.take('refuse-login', null);
    if (refusal) {
      const text = refusal.text ?? 'login refused';
      throw new MailferryError(refusal.code, text, {
        side: this.side,
        serverText: text,
        retryAfterMs: refusal.retryAfterMs,
        atLogin: refusal.inGreeting !== true && !notReached.has(refusal.code),
      });
    }
    if (server.take('connection-limit', null, (one) => server.sessionCount >= one.limit)) {
      const text = 'Maximum number of connections from user+IP exceeded';
      throw new MailferryError('too-many-connections', text, { side: this.side, serverText: text });
    }
    return new FakeSession(server, this.side);
  }
}
