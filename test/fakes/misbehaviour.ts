/**
 * What the fake server can be told to do wrong, as data. Each kind names the rows of the fault list it stands for
 * (docs: fault list A to G), so that a test reads "misbehave({ kind: 'cut-after-store' })" and a tool can list what is
 * covered. Faults that are a single event happen once, traits of a server last; `times` says otherwise.
 */
import type { AppendMessage, Refusal, StoreAbilities } from '../../src/sync/mail-store.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import type { FakeMailbox, FakeMessage } from './fake-mailbox.ts';
import type { FakeServer } from './fake-server.ts';

/** IMAP's words for what a session does. */
export type Op =
  | 'LOGIN'
  | 'LIST'
  | 'STATUS'
  | 'EXAMINE'
  | 'SELECT'
  | 'FETCH'
  | 'FETCH BODY'
  | 'FETCH HEADER'
  | 'FETCH CHANGES'
  | 'SEARCH'
  | 'APPEND'
  | 'STORE'
  | 'MOVE'
  | 'COPY'
  | 'EXPUNGE'
  | 'CREATE'
  | 'RENAME'
  | 'DELETE'
  | 'SUBSCRIBE'
  | 'GETQUOTA'
  | 'NOTIFY'
  | 'IDLE'
  | 'NOOP'
  | 'LOGOUT';

/** When a rule applies. */
export interface RuleScope {
  /** Only in this mailbox; all when left out. */
  readonly mailbox?: string;
  /** Lets the first n occasions pass. */
  readonly skip?: number;
  /** How often; see `misbehaviours` for what holds when left out. */
  readonly times?: number;
}

type Message = { readonly body: Uint8Array; readonly message: AppendMessage };

export type Misbehaviour = RuleScope &
  (
    | { readonly kind: 'cut'; readonly op?: Op; readonly where?: 'before' | 'after'; readonly text?: string }
    | { readonly kind: 'cut-in-fetch'; readonly uid?: number; readonly afterBytes: number }
    /** With `afterBytes` the connection breaks so far into the upload, else when all of it has been sent. */
    | { readonly kind: 'cut-before-store'; readonly afterBytes?: number }
    | { readonly kind: 'cut-after-store' }
    /** The connection ends; the messages appear only after so many commands or so much time. */
    | { readonly kind: 'late-commit'; readonly afterOperations?: number; readonly afterMs?: number }
    | { readonly kind: 'ok-without-appenduid' }
    | { readonly kind: 'nonsense-appenduid'; readonly answer: 'zero' | 'other-validity' | 'wrong-uids' }
    /** OK, but nothing is stored; 'if-identical' only where the same bytes are in the mailbox already. */
    | { readonly kind: 'swallow'; readonly when?: 'always' | 'if-identical'; readonly appendUid?: boolean }
    | { readonly kind: 'refuse-literal'; readonly reason?: Refusal }
    /** The connection ends in an APPEND of such messages, and nothing is stored. */
    | {
        readonly kind: 'dies-in-append';
        readonly when: (messages: readonly Message[], mailbox: FakeMailbox) => boolean;
      }
    /** No answer for so long (virtual time), then the connection is cut as by the client's own deadline. */
    | { readonly kind: 'hang'; readonly op?: Op; readonly forMs: number }
    /** Answers, but only after this much time. */
    | { readonly kind: 'slow'; readonly op?: Op; readonly byMs: number }
    | {
        readonly kind: 'refuse-login';
        readonly code: ErrorCode;
        readonly text?: string;
        readonly retryAfterMs?: number;
        /** Said in place of the greeting, before anybody could log in. */
        readonly inGreeting?: boolean;
      }
    | { readonly kind: 'connection-limit'; readonly limit: number }
    | { readonly kind: 'throttle'; readonly op?: Op; readonly retryAfterMs?: number; readonly text?: string }
    /** STATUS and SELECT say this instead of the truth. */
    | {
        readonly kind: 'report';
        readonly uidValidity?: number;
        readonly uidNext?: number;
        readonly messages?: number;
        /** Null stands for 0, -1 and NOMODSEQ, which a client reports as "none". */
        readonly highestModSeq?: bigint | null;
      }
    | { readonly kind: 'sizes-lie'; readonly by: number }
    | { readonly kind: 'nil-body'; readonly uid?: number }
    | { readonly kind: 'gone-before-fetch'; readonly uid?: number }
    | { readonly kind: 'refuse-fetch'; readonly uid?: number; readonly reason?: Refusal }
    | { readonly kind: 'poison'; readonly uid: number }
    | { readonly kind: 'wrong-literal-length'; readonly uid?: number; readonly by: number }
    | { readonly kind: 'bit-flip'; readonly uid?: number }
    | { readonly kind: 'placeholder'; readonly uid?: number; readonly body: Uint8Array }
    | { readonly kind: 'bodies-out-of-order' }
    | { readonly kind: 'sets-seen' }
    | { readonly kind: 'not-selectable'; readonly text?: string; readonly statusToo?: boolean }
    | { readonly kind: 'list-empty' }
    | { readonly kind: 'list-omits' }
    /** Listed with their old UIDVALIDITY, but without a message (wrong backend mounted). */
    | { readonly kind: 'everything-vanished' }
    | { readonly kind: 'create-refused'; readonly reason?: Refusal }
    /** NO to CREATE without a code, though the mailbox is there or has just been made. */
    | { readonly kind: 'create-refused-though-there' }
    | { readonly kind: 'case-insensitive-names' }
    | { readonly kind: 'keywords-not-permitted'; readonly answer: 'drop' | 'refuse' }
    | { readonly kind: 'keyword-limit'; readonly limit: number; readonly answer: 'drop' | 'refuse' }
    | { readonly kind: 'flags-lost-on-append' }
    | { readonly kind: 'date-lost-on-append' }
    | { readonly kind: 'canonicalises-line-ends' }
    | { readonly kind: 'adds-header'; readonly line: string }
    | {
        readonly kind: 'vanished-lies';
        readonly claims: readonly number[];
        readonly omits?: readonly number[];
      }
    | { readonly kind: 'broken-ability'; readonly ability: keyof StoreAbilities; readonly cuts?: boolean }
    | { readonly kind: 'quota-by-text-only' }
    | { readonly kind: 'refuse-virus'; readonly signature: string }
    | { readonly kind: 'refuse-8bit-header' }
    | { readonly kind: 'refuse-nul' }
    | { readonly kind: 'refuse-long-line'; readonly overBytes: number }
    | { readonly kind: 'refuse-large'; readonly overBytes: number; readonly code?: string | null }
    | { readonly kind: 'refuse-empty' }
    | { readonly kind: 'refuse-date' }
    | { readonly kind: 'refuse-flags'; readonly flag: string }
    | { readonly kind: 'refuse-if'; readonly when: (message: Message) => boolean; readonly reason: Refusal }
    /** NOTIFY and IDLE are taken and tell nothing. */
    | { readonly kind: 'silent-watch' }
    /** A person or another program acts just before or after the server carries out a command. */
    | {
        readonly kind: 'meanwhile';
        readonly op?: Op;
        readonly where?: 'before' | 'after';
        readonly act: (server: FakeServer) => void;
      }
  );

export type MisbehaviourKind = Misbehaviour['kind'];
export type MisbehaviourOf<K extends MisbehaviourKind> = Extract<Misbehaviour, { readonly kind: K }>;

interface Row {
  /** Rows of the fault list. */
  readonly faults: readonly string[];
  /** True: a trait that lasts; false: happens once. */
  readonly lasting: boolean;
}

const once = (...faults: string[]): Row => ({ faults, lasting: false });
const lasting = (...faults: string[]): Row => ({ faults, lasting: true });

export const misbehaviours: Readonly<Record<MisbehaviourKind, Row>> = {
  cut: once('F-10', 'F-11', 'F-18'),
  'cut-in-fetch': once('F-01'),
  'cut-before-store': once('F-02'),
  'cut-after-store': once('F-03', 'F-05'),
  'late-commit': once('F-04'),
  'ok-without-appenduid': lasting('F-06'),
  'nonsense-appenduid': lasting('F-06'),
  swallow: once('F-07'),
  'refuse-literal': once('F-08'),
  hang: once('F-09', 'F-11', 'F-13'),
  slow: lasting('F-13'),
  'refuse-login': once('F-15', 'F-16', 'F-18', 'F-80', 'F-81', 'F-82', 'F-83'),
  'connection-limit': lasting('F-84'),
  throttle: once('F-83'),
  report: lasting('F-22', 'F-23', 'F-33'),
  'sizes-lie': lasting('F-53'),
  'nil-body': lasting('F-55'),
  'gone-before-fetch': once('F-28'),
  'refuse-fetch': lasting('F-28', 'F-55', 'F-82'),
  poison: lasting('F-56'),
  'wrong-literal-length': once('F-54'),
  'bit-flip': once('F-102'),
  placeholder: lasting('F-65'),
  'bodies-out-of-order': lasting('F-19'),
  'sets-seen': lasting('F-109'),
  'not-selectable': lasting('F-74'),
  'list-empty': lasting('F-32'),
  'list-omits': lasting('F-73', 'F-107'),
  'everything-vanished': lasting('F-32'),
  'create-refused': lasting('F-72', 'F-78'),
  'create-refused-though-there': lasting('F-74'),
  'case-insensitive-names': lasting('F-66', 'F-69'),
  'keywords-not-permitted': lasting('F-62'),
  'keyword-limit': lasting('F-62'),
  'dies-in-append': lasting('F-62'),
  'flags-lost-on-append': lasting('F-62'),
  'date-lost-on-append': lasting('F-57'),
  'canonicalises-line-ends': lasting('F-48'),
  'adds-header': lasting('F-61'),
  'vanished-lies': lasting('F-34'),
  'broken-ability': lasting('F-103'),
  'quota-by-text-only': lasting('F-43'),
  'refuse-virus': lasting('F-64'),
  'refuse-8bit-header': lasting('F-46'),
  'refuse-nul': lasting('F-47'),
  'refuse-long-line': lasting('F-49'),
  'refuse-large': lasting('F-44'),
  'refuse-empty': lasting('F-51'),
  'refuse-date': lasting('F-57'),
  'refuse-flags': lasting('F-63'),
  'refuse-if': lasting('F-46', 'F-47', 'F-49', 'F-64'),
  'silent-watch': lasting('F-12'),
  meanwhile: once('F-24', 'F-25', 'F-26', 'F-27', 'F-28', 'F-30', 'F-35', 'F-37', 'F-38', 'F-39', 'F-41'),
};

/** One rule in force, with what is left of it. */
export interface Rule {
  readonly id: number;
  readonly misbehaviour: Misbehaviour;
  skipLeft: number;
  timesLeft: number;
}

export function ruleOf(id: number, misbehaviour: Misbehaviour): Rule {
  const usual = misbehaviours[misbehaviour.kind].lasting ? Number.POSITIVE_INFINITY : 1;
  return { id, misbehaviour, skipLeft: misbehaviour.skip ?? 0, timesLeft: misbehaviour.times ?? usual };
}

/** What happened at a single message: the rules that name a UID apply to it alone. */
export function appliesToUid(misbehaviour: { readonly uid?: number }, message: FakeMessage): boolean {
  return misbehaviour.uid === undefined || misbehaviour.uid === message.uid;
}
