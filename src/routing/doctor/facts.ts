/** What was seen on a mail host, before anybody judges it. Types. */
import type { ServerSide } from '../../domain/placement.ts';

export const leftOutReasons = [
  'no-postfix',
  'no-dovecot',
  'not-root',
  'no-table',
  'no-replica',
  'no-addresses',
  'inside',
  'switched-off',
  'failed',
] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

export const checks = [
  'postfix',
  'running',
  'table',
  'routes',
  'peer',
  'recipients',
  'queue',
  'dovecot',
  'sessions',
  'replica',
  'control',
  'clock',
  'files',
  'disk',
] as const;
export type Check = (typeof checks)[number];

/** `said`: by a tool, where that is why. */
export type Looked<T> =
  | { readonly seen: T }
  | { readonly leftOut: LeftOutReason; readonly said?: string | undefined };

export interface HostFacts {
  readonly side: ServerSide;
  /** `new.example.org:25`. */
  readonly peer: string;
  /** As Postfix names what the edge keeps for it, `lmdb:/var/lib/mailferry-edge/transport`; null where it keeps nothing. */
  readonly kept: string | null;
  readonly postfix: Looked<PostfixFacts>;
  /** Whether master runs. */
  readonly running: Looked<boolean>;
  readonly table: Looked<TableFacts>;
  readonly routes: Looked<RouteFacts>;
  readonly toPeer: Looked<PeerFacts>;
  readonly recipients: Looked<RecipientFacts>;
  readonly queue: Looked<QueueFacts>;
  readonly dovecot: Looked<DovecotFacts>;
  /** Null where sessions can be cut; else what doveadm says. */
  readonly sessions: Looked<string | null>;
  readonly replica: Looked<ReplicaFacts>;
  readonly control: Looked<ControlFacts>;
  /** How far control's clock is ahead of this one. */
  readonly clockAheadMs: Looked<number>;
  readonly files: Looked<readonly FileFacts[]>;
  readonly disk: Looked<DiskFacts>;
}

export interface PostfixFacts {
  /** Types of tables that it can read. */
  readonly tableTypes: readonly string[];
  /** 0: no limit. */
  readonly sizeLimit: number;
  readonly smtpUtf8: boolean;
  readonly eightBitMime: boolean;
  /** Takes a line end that is none for one (smtpd_forbid_bare_newline). */
  readonly bareNewlines: boolean;
  readonly configured: ConfiguredFacts;
}

/** What `mailferry config postfix --apply` once put in force. */
export type ConfiguredFacts =
  | { readonly kind: 'not-applied' /** As it would be called. */; readonly arguments: readonly string[] }
  | {
      readonly kind: 'applied';
      readonly arguments: readonly string[];
      /** Null where it was applied by a release that did not write down with what. */
      readonly told: {
        readonly side: ServerSide;
        readonly peer: string;
        readonly tls: string;
        /** As Postfix names what it asks; null where that cannot be told. */
        readonly table: string | null;
      } | null;
      /** Names of what is not so any more. */
      readonly changed: readonly string[];
      /** Why it could not be applied again; null where it could. */
      readonly refused: string | null;
    };

export interface TableFacts {
  /** As Postfix names it. */
  readonly name: string;
  /** Null where Postfix's own tool can read it; else what it says. */
  readonly unreadable: string | null;
  /** Null where it is no file, or where it is there. */
  readonly missingFile: string | null;
}

export interface RouteFacts {
  readonly asked: number;
  /** Also at a second look: in between a change may have been under way. */
  readonly differing: readonly RouteDifference[];
}

export interface RouteDifference {
  readonly key: string;
  /** Null where it has no row. */
  readonly table: string | null;
  readonly replica: string | null;
}

export type PeerFacts =
  | { readonly kind: 'unreachable'; readonly said: string }
  | { readonly kind: 'refused'; readonly said: string }
  | {
      readonly kind: 'greets';
      /** Of EHLO, upper case: `SIZE 52428800`. */
      readonly extensions: readonly string[];
      /** What it says to RCPT for an address that lives there; null where there is none to ask for. */
      readonly recipient: { readonly address: string; readonly reply: string } | null;
    };

export interface RecipientFacts {
  readonly asked: number;
  /** Relayed addresses that Postfix here would refuse as unknown. */
  readonly unknown: readonly string[];
  /** Those of domains that it does not take mail for. */
  readonly foreign: readonly string[];
}

/** Mail that waits to be handed to the peer. */
export interface QueueFacts {
  readonly waiting: number;
  readonly oldestMs: number;
  /** The commonest one; empty where none waits. */
  readonly reason: string;
}

export interface DovecotFacts {
  readonly state: 'applied' | 'drifted' | 'not-applied';
  readonly arguments: readonly string[];
  /** Files that are not as they would be written. */
  readonly changed: readonly string[];
  /** Whether the replica's passdb is asked before all others. */
  readonly asksFirst: boolean;
  /** Accounts that Mailferry makes (new alone): whether Dovecot is told of them. */
  readonly knowsUsers: boolean;
  /** Null where logins are not remembered. */
  readonly authCache: string | null;
}

export type ReplicaFacts =
  | { readonly kind: 'missing'; readonly file: string }
  | { readonly kind: 'unreadable'; readonly file: string; readonly said: string }
  | {
      readonly kind: 'there';
      readonly isComplete: boolean;
      readonly epoch: number;
      readonly accounts: number;
      /** Accounts whose mail goes to the peer. */
      readonly relayed: number;
      /** App passwords that are good now. */
      readonly appPasswords: number;
      /** Accounts that Dovecot here is to know by the replica. */
      readonly users: number;
      /** Whether an edge runs on it; null where that cannot be told. */
      readonly isHeld: boolean | null;
    };

export type ControlFacts =
  | { readonly kind: 'away'; readonly said: string }
  | {
      readonly kind: 'answers' /** Its newest change. */;
      readonly latest: number /** Here, afterwards. */;
      readonly epoch: number;
    };

export interface FileFacts {
  readonly what: 'directory' | 'replica' | 'table';
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  /** Whom the directory belongs to. */
  readonly expectedUid: number;
  /** Its group may read it. */
  readonly groupMayRead: boolean;
}

export interface DiskFacts {
  readonly path: string;
  readonly freeBytes: number;
  /** What a rebuild of replica and table takes at most. */
  readonly neededBytes: number;
}
