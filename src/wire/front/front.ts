/**
 * What a front is: a server's side of a protocol up to the login and no farther. Pure: octets of a client in, events out. Who holds the
 * socket sends, encrypts, asks where the account lives, and has the deadlines.
 */
import type { PasswordLogin, TokenLogin } from '../sasl/read.ts';

export const mechanisms = ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'] as const;
export type Mechanism = (typeof mechanisms)[number];

export type Login =
  | ({ readonly by: 'password' } & PasswordLogin)
  | ({ readonly by: 'token'; readonly mechanism: 'XOAUTH2' | 'OAUTHBEARER' } & TokenLogin);

export type FrontEvent =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** After what was to be sent: TLS begins, and `tlsStarted` follows. */
  | { readonly kind: 'start-tls' }
  /**
   * Nothing more is read before `accepted` or `refused`. Null: a name or password that nobody can have; it is to be answered like a wrong one, and
   * as late.
   */
  | { readonly kind: 'login'; readonly login: Login | null }
  /** After what was to be sent. */
  | { readonly kind: 'end' };

export interface FrontOptions {
  /** Announced before login: what both servers can do. */
  readonly capabilities: readonly string[];
  /** Those that work for every account, in the order in which they are announced. */
  readonly mechanisms: readonly Mechanism[];
  readonly tls: 'none' | 'offered' | 'active';
  /** Passwords are taken without TLS, too. */
  readonly plaintext: boolean;
  readonly limits: FrontLimits;
}

export interface FrontLimits {
  /** Of one command, literals included. */
  readonly commandBytes: number;
  readonly commands: number;
  /** Commands that are none, as another protocol's. */
  readonly faults: number;
  readonly attempts: number;
  /** Sent behind a login before it was answered; the front ends above that. */
  readonly pipelinedBytes: number;
}

export const defaultFrontLimits: FrontLimits = {
  // A token of 8,192 characters in base 64, with its command. Dovecot takes 8 KB, or less.
  commandBytes: 12_288,
  // Programs send five or six before a login; with NOOP once a minute the deadline comes first.
  commands: 50,
  // A browser's request has some ten lines; three are enough to know one (ALPACA, CVE-2021-3618).
  faults: 3,
  // Programs that try several mechanisms with one password make three or four.
  attempts: 5,
  // Programs send ID, CAPABILITY, NAMESPACE and the like behind; an APPEND is sent after the answer only.
  pipelinedBytes: 65_536,
};

/** How a login ended that did not succeed. Nobody is told whether the name or the password was wrong. */
export type Refusal =
  | 'credentials'
  /** It cannot be told now: the program tries again, and asks its user nothing. */
  | 'unavailable'
  /** Of this account or this address there are too many. */
  | 'too-many';
