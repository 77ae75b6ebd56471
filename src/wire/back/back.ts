/**
 * What a back is: a client's side of a protocol up to the login at the server where an account lives. Pure: octets of the server in, events
 * out. A server that misbehaves is `unavailable`; nothing of what it says before the login reaches the person.
 */
import type { Login } from '../front/front.ts';

/** Whose connection it is, for servers that trust this host to say so. */
export interface ClientPlace {
  readonly host: string;
  readonly port: number;
  /** Where the client was connected to. */
  readonly localHost: string;
  readonly localPort: number;
  /** How many more servers may hand it on; a server that gets 1 refuses to (Dovecot begins at 7). */
  readonly ttl: number;
  readonly session: string;
}

/** A user that opens other people's mail, by the server's own form. */
export interface MasterLogin {
  readonly user: string;
  readonly password: string;
  /** `authzid`: SASL PLAIN; else the sign between the account's name and the master's, as in `anna*master`. */
  readonly form: 'authzid' | '*' | '%';
}

export interface BackOptions {
  /** As the account is called there. */
  readonly user: string;
  readonly login: Login;
  /** The server, as OAUTHBEARER names it. */
  readonly server: { readonly host: string; readonly port: number };
  /** Null: with the password that was typed. */
  readonly master: MasterLogin | null;
  readonly client: ClientPlace | null;
  /** `active`: TLS was there from the first octet. `none`: passwords go in clear. */
  readonly tls: 'none' | 'starttls' | 'active';
}

export type Outcome =
  /** `rest`: what the server sent behind its answer, for the client. */
  | { readonly kind: 'accepted'; readonly capabilities: readonly string[]; readonly rest: Uint8Array }
  /** It says that the password is wrong. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unavailable'; readonly why: string };

export type BackEvent =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** TLS begins, and `tlsStarted` follows. */
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'done'; readonly outcome: Outcome };

/** Of a line of a server before the login; a list of capabilities has some hundred octets. */
export const maxServerLine = 16_384;
/** Of all that it says before the login. */
export const maxServerBytes = 131_072;
