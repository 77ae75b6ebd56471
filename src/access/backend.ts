/** Connects to the server where an account lives and logs in there; what comes of it is a socket that is ready for the client. */
import net from 'node:net';
import tls from 'node:tls';
import { type TlsTrust, tlsOptions, verifyPeer } from '../net/tls-trust.ts';
import type { BackEvent, BackOptions, MasterLogin, Outcome } from '../wire/back/back.ts';
import { ImapBack } from '../wire/back/imap-back.ts';
import { Pop3Back } from '../wire/back/pop3-back.ts';
import { SieveBack } from '../wire/back/sieve-back.ts';
import { SubmissionBack } from '../wire/back/submission-back.ts';
import type { AccessService } from './access-service.ts';

export interface Backend {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly trust: TlsTrust;
  /** It takes our word for whose connection this is. */
  readonly trustsUs: boolean;
  /** Null: people's own passwords go on. */
  readonly master: MasterLogin | null;
}

export interface BackendLogin {
  readonly service: AccessService;
  readonly backend: Backend;
  readonly login: Omit<BackOptions, 'server' | 'tls' | 'master'>;
  /** Of submission: as the client called itself. */
  readonly helo: string | null;
  /** For DNS, TCP, TLS and the login together. */
  readonly timeoutMs: number;
}

export interface LoggedIn {
  readonly outcome: Outcome;
  /** Paused; null unless the login was accepted. */
  readonly socket: net.Socket | null;
}

interface Back {
  push(bytes: Uint8Array): BackEvent[];
  tlsStarted(): BackEvent[];
}

function backOf(service: AccessService, options: BackOptions, helo: string | null): Back {
  switch (service) {
    case 'imap':
      return new ImapBack(options);
    case 'pop3':
      return new Pop3Back(options);
    case 'submission':
      return new SubmissionBack({ ...options, helo: helo ?? 'localhost' });
    default:
      return new SieveBack(options);
  }
}

/** Rejects for nothing: what fails is an outcome. */
export async function logInAt({ service, backend, login, helo, timeoutMs }: BackendLogin): Promise<LoggedIn> {
  const { host, port, trust, master } = backend;
  const back = backOf(
    service,
    {
      ...login,
      client: backend.trustsUs ? login.client : null,
      master,
      server: { host, port },
      tls: backend.tls === 'implicit' ? 'active' : backend.tls,
    },
    helo,
  );
  return await new Promise<LoggedIn>((resolve) => {
    let socket: net.Socket =
      backend.tls === 'implicit'
        ? tls.connect({ host, port, ...tlsOptions(host, trust) })
        : net.connect({ host, port });
    const late = setTimeout(() => settle({ kind: 'unavailable', why: 'it does not answer' }), timeoutMs);
    const settle = (outcome: Outcome): void => {
      clearTimeout(late);
      socket.removeListener('data', onData);
      socket.removeListener('close', onClose);
      if (outcome.kind !== 'accepted') {
        socket.destroy();
        resolve({ outcome, socket: null });
        return;
      }
      socket.pause();
      resolve({ outcome, socket });
    };
    const onClose = (): void => settle({ kind: 'unavailable', why: 'it closed the connection' });
    const onError = (error: Error): void => settle({ kind: 'unavailable', why: error.message });
    const onData = (bytes: Uint8Array): void => heed(back.push(bytes));
    const heed = (events: readonly BackEvent[]): void => {
      for (const event of events) {
        if (event.kind === 'send') socket.write(event.bytes);
        else if (event.kind === 'start-tls') encrypt();
        else settle(event.outcome);
      }
    };
    const listen = (): void => {
      socket.on('data', onData);
      socket.on('close', onClose);
      socket.on('error', onError);
    };
    const verified = (then: () => void) => (): void => {
      try {
        verifyPeer(socket as tls.TLSSocket, trust);
        then();
      } catch (error) {
        onError(error as Error);
      }
    };
    const encrypt = (): void => {
      const plain = socket;
      plain.removeListener('data', onData);
      plain.removeListener('close', onClose);
      socket = tls.connect({ socket: plain, ...tlsOptions(host, trust) });
      socket.once(
        'secureConnect',
        verified(() => heed(back.tlsStarted())),
      );
      listen();
    };
    socket.setNoDelay(true);
    listen();
    // Before this no octet of ours is sent, and none of a pinned server's is heeded.
    if (backend.tls === 'implicit')
      socket.once(
        'secureConnect',
        verified(() => {}),
      );
  });
}
