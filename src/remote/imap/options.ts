/** What a store needs to reach one account on one server. */
import type { Clock } from '../../base/clock.ts';
import type { TlsTrust } from '../../net/tls-trust.ts';
import type { Credentials } from '../../sync/mail-store.ts';

export interface ImapStoreOptions {
  readonly side: 'old' | 'new';
  readonly host: string;
  readonly port: number;
  /** 'implicit' = TLS at once (imaps); 'starttls' = plain, then STARTTLS; 'none' = plain, whatever is offered. */
  readonly security: 'implicit' | 'starttls' | 'none';
  /** Without it, a password is never sent over an unencrypted connection. Loopback counts as allowed. */
  readonly allowPlaintext: boolean;
  readonly trust: TlsTrust;
  readonly credentials: Credentials | CurrentCredentials;
  /** `;AUTH=` of the URL: 'PLAIN', 'LOGIN' or null for the best that is offered. */
  readonly authMechanism: 'PLAIN' | 'LOGIN' | null;
  readonly clock: Clock;
  /** For DNS, TCP, TLS and the greeting together. */
  readonly connectTimeoutMs: number;
  /** Silence while a command is in flight. */
  readonly idleTimeoutMs: number;
  /** A message has to bring 1 KB in this time, or its connection is given up (F-13); 30 s when left out. */
  readonly dripWindowMs?: number;
  /** A watch shows a sign of life this often; `defaultWatchEveryMs` when left out. */
  readonly watchEveryMs?: number;
  /** Other users' and shared mailboxes too. */
  readonly allNamespaces?: boolean;
}

/** Credentials that run out while the store is open, as a token does: asked for before each login. */
export interface CurrentCredentials {
  readonly kind: 'current';
  readonly user: string;
  /** Rejects where there are none at the moment. */
  current(signal?: AbortSignal): Promise<Credentials>;
  /** The server did not take what `current` gave last; true where another question may give something else. */
  refused(): boolean;
}

/** 30 s: a server under load may need ten for its greeting; a person at a prompt does not wait longer. */
export const defaultConnectTimeoutMs = 30_000;
/** 120 s: a batch on a slow disk has been seen to take half a minute; NAT tables forget after a few minutes. */
export const defaultIdleTimeoutMs = 120_000;
/**
 * 9 minutes: RFC 2177 allows 29, but firewalls and NAT forget a silent connection after ten or less, and nobody tells
 * either end. A dead connection is then noticed by the unanswered command.
 */
export const defaultWatchEveryMs = 9 * 60_000;
