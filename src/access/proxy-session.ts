/**
 * One connection of a person's program: the dialogue up to the login, the login at the server where the account lives, and from then on octets as
 * they are, with the back pressure of both sides.
 */
import type net from 'node:net';
import tls from 'node:tls';
import type { FrontEvent, FrontOptions, Login, Refusal } from '../wire/front/front.ts';
import { type AccessService, frontOf } from './access-service.ts';
import { type Backend, logInAt } from './backend.ts';

/** Where a login goes. */
export type Destination =
  | { readonly kind: 'backend'; readonly backend: Backend; readonly user: string }
  /** It cannot be told now; never a wrong password, and never a guess. */
  | { readonly kind: 'unavailable'; readonly why: string };

export interface SessionSettings {
  readonly service: AccessService;
  /** This host's name. */
  readonly name: string;
  readonly front: Omit<FrontOptions, 'tls'>;
  /** Null: no TLS on this listener. */
  readonly certificate: tls.SecureContext | null;
  readonly implicitTls: boolean;
  /** Until the login is over, gate and backend included. */
  readonly preLoginMs: number;
  readonly backendMs: number;
  /** How late a refusal of a password is told. */
  readonly refusalMs: number;
  /** Of this connection's path; a server that gets 1 hands on no more. */
  readonly ttl: number;
  /** May wait for as long as a switch takes. */
  where(name: string, signal: AbortSignal): Promise<Destination>;
  log(fields: Readonly<Record<string, unknown>>, text: string): void;
  /** Called once, when the login was accepted. */
  onLogin(): void;
}

/** For what is still to be sent when the other side has gone. */
const lastWordsMs = 30_000;

export interface Peer {
  readonly host: string;
  readonly port: number;
  readonly localHost: string;
  readonly localPort: number;
}

export class ProxySession {
  readonly #settings: SessionSettings;
  readonly #peer: Peer;
  readonly #over = new AbortController();
  readonly #front;
  readonly #session: string;
  #socket: net.Socket;
  #backend: net.Socket | null = null;
  #deadline: NodeJS.Timeout;
  /** The login as it was typed and where it went, once it was accepted. */
  #account: { readonly user: string; readonly host: string } | null = null;

  constructor(socket: net.Socket, peer: Peer, session: string, settings: SessionSettings) {
    this.#settings = settings;
    this.#peer = peer;
    this.#socket = socket;
    this.#session = session;
    const state = settings.implicitTls ? 'active' : settings.certificate === null ? 'none' : 'offered';
    this.#front = frontOf(settings.service, { ...settings.front, tls: state }, settings.name);
    this.#deadline = setTimeout(() => this.destroy('it did not log in in time'), settings.preLoginMs);
    socket.setNoDelay(true);
    socket.write(this.#front.greeting);
    this.#listen();
  }

  /** Null before the login. */
  get account(): { readonly user: string; readonly host: string } | null {
    return this.#account;
  }

  /** Resolves when both connections are gone. */
  get ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#over.signal.aborted) resolve();
      else this.#over.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  destroy(why: string): void {
    if (this.#over.signal.aborted) return;
    clearTimeout(this.#deadline);
    this.#over.abort();
    this.#socket.destroy();
    this.#backend?.destroy();
    const { user = null, host = null } = this.#account ?? {};
    this.#settings.log({ session: this.#session, client: this.#peer.host, user, host, why }, 'session ended');
  }

  readonly #onData = (bytes: Uint8Array): void => this.#heed(this.#front.core.push(bytes));
  readonly #onClose = (): void => this.destroy('the client closed the connection');
  readonly #onError = (error: Error): void => this.destroy(error.message);

  #listen(): void {
    this.#socket.on('data', this.#onData);
    this.#socket.on('close', this.#onClose);
    this.#socket.on('error', this.#onError);
  }

  #heed(events: readonly FrontEvent[]): void {
    for (const event of events) {
      if (event.kind === 'send') this.#socket.write(event.bytes);
      else if (event.kind === 'start-tls') this.#encrypt();
      else if (event.kind === 'end') this.#socket.end(() => this.destroy('the dialogue ended'));
      else void this.#logIn(event.login);
    }
  }

  #encrypt(): void {
    const { certificate } = this.#settings;
    const plain = this.#socket;
    plain.removeListener('data', this.#onData);
    plain.removeListener('close', this.#onClose);
    if (certificate === null) return this.destroy('there is no certificate');
    const secure = new tls.TLSSocket(plain, { isServer: true, secureContext: certificate });
    this.#socket = secure;
    secure.once('secure', () => this.#heed(this.#front.core.tlsStarted()));
    this.#listen();
  }

  async #logIn(login: Login | null): Promise<void> {
    const { service, where, log, backendMs, ttl } = this.#settings;
    const { signal } = this.#over;
    // What comes meanwhile is kept by the kernel, and by us within the front's limit.
    if (login === null) return await this.#refuse('credentials');
    const asked = login.user;
    let destination: Destination;
    try {
      destination = await where(login.by === 'password' ? (login.authzid ?? asked) : asked, signal);
    } catch (error) {
      destination = { kind: 'unavailable', why: error instanceof Error ? error.message : String(error) };
    }
    if (signal.aborted) return;
    const told = { session: this.#session, service, user: asked, client: this.#peer.host };
    if (destination.kind === 'unavailable') {
      log({ ...told, why: destination.why }, 'login cannot be told where to go');
      return await this.#refuse('unavailable');
    }
    const { backend, user } = destination;
    const { outcome, socket } = await logInAt({
      service,
      backend,
      login: { user, login, client: { ...this.#peer, ttl: ttl - 1, session: this.#session } },
      helo: this.#front.helo(),
      timeoutMs: backendMs,
    });
    if (signal.aborted) {
      socket?.destroy();
      return;
    }
    if (outcome.kind === 'refused') return await this.#refuse('credentials');
    if (outcome.kind === 'unavailable' || socket === null) {
      const why = outcome.kind === 'unavailable' ? outcome.why : 'there is no connection';
      log({ ...told, host: backend.host, why }, 'server of the account is not reached');
      return await this.#refuse('unavailable');
    }
    this.#splice(socket, outcome.capabilities, outcome.rest);
    this.#account = { user, host: backend.host };
    this.#settings.onLogin();
    log({ ...told, host: backend.host }, 'logged in');
  }

  /** One side is gone: what it said last still goes to the other one, which may read slowly. */
  #finish(left: net.Socket, why: string): void {
    if (this.#over.signal.aborted) return;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.destroy(why), lastWordsMs);
    left.end(() => this.destroy(why));
  }

  async #refuse(why: Refusal): Promise<void> {
    // The same time, whatever was wrong with it.
    if (why === 'credentials')
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, this.#settings.refusalMs);
        this.#over.signal.addEventListener('abort', () => {
          clearTimeout(late);
          resolve();
        });
      });
    if (!this.#over.signal.aborted) this.#heed(this.#front.core.refused(why));
  }

  #splice(backend: net.Socket, capabilities: readonly string[], behind: Uint8Array): void {
    clearTimeout(this.#deadline);
    this.#backend = backend;
    const client = this.#socket;
    client.removeListener('data', this.#onData);
    const { answer, rest } = this.#front.accepted(capabilities);
    client.write(answer);
    if (behind.length > 0) client.write(behind);
    if (rest.length > 0) backend.write(rest);
    client.removeListener('close', this.#onClose);
    client.on('close', () => this.#finish(backend, 'the client closed the connection'));
    backend.on('close', () => this.#finish(client, 'the server closed the connection'));
    backend.on('error', this.#onError);
    // Half a day of IDLE may pass: only a peer that is gone ends it.
    for (const one of [client, backend]) one.setKeepAlive(true, 60_000);
    client.pipe(backend);
    backend.pipe(client);
  }
}
