/**
 * What the API answers, as far as the pages use it. Times are ISO 8601 text in UTC; sizes are bytes. The document at
 * /api/openapi.json is the authority; test/portal/openapi.test.ts compares the two.
 */

export type Phase = 'old' | 'copying' | 'in-step' | 'switching' | 'switched' | 'rolling-back' | 'done';
export type Right = 'view' | 'move' | 'plan' | 'people';
export type Locale = 'de' | 'en';

export interface TeamRole {
  readonly id: string;
  readonly name: string;
  readonly rights: readonly Right[];
}

export interface Roles {
  readonly account: { readonly id: string; readonly address: string } | null;
  readonly teams: readonly TeamRole[];
  readonly operator: boolean;
}

export interface Session {
  readonly person: {
    readonly login: string;
    readonly displayName: string | null;
    readonly locale: Locale | null;
    readonly roles: Roles;
  };
  /** An operator who has no second factor yet may do nothing but enrol one. */
  readonly needsTotp?: boolean;
  readonly sessionId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface OpenSession {
  readonly id: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly address: string;
  readonly userAgent: string;
  readonly current: boolean;
}

/** What a person must know or do about an account. */
export interface Attention {
  readonly code: string;
  readonly reason: string;
  readonly action: string;
  /** The account waits for a person; false where it goes on by itself. */
  readonly asks: boolean;
  readonly since: string;
}

export type PlanKind = 'copy' | 'move';

/** `at` null: at once. */
export interface Plan {
  readonly kind: PlanKind;
  readonly at: string | null;
}

export interface CrossingMailbox {
  readonly name: string;
  /** Special use (RFC 6154) without its backslash, in small letters; `inbox` for INBOX. */
  readonly role: string | null;
  readonly messages: number;
  readonly done: number;
  /** Null where the server did not say sizes. */
  readonly bytes: number | null;
  readonly refused: number;
  readonly complete: boolean;
}

export interface Carried {
  readonly mailbox: string;
  readonly subject: string | null;
  readonly at: string;
}

/** Everything that one account's page shows. */
export interface Crossing {
  readonly account: {
    readonly id: string;
    readonly address: string;
    readonly phase: Phase;
    readonly paused: { readonly by: string; readonly why: string } | null;
    readonly attention: Attention | null;
    readonly scheduledFor: string | null;
    readonly team: { readonly id: string; readonly name: string } | null;
  };
  readonly where: 'old' | 'new';
  readonly choice: 'none' | 'copy' | 'move';
  readonly plan: Plan | null;
  readonly old: {
    readonly messages: number;
    /** Null where the server did not say sizes. */
    readonly bytes: number | null;
    readonly mailboxes: number;
    readonly countedAt: string;
  } | null;
  readonly done: { readonly messages: number; readonly bytes: number };
  readonly refused: number;
  readonly rate: { readonly messagesPerSecond: number; readonly bytesPerSecond: number } | null;
  readonly secondsLeft: number | null;
  readonly estimate: {
    readonly seconds: number;
    readonly basis: 'measured-here' | 'measured-elsewhere';
  } | null;
  readonly lagMs: number | null;
  readonly heardBy: string | null;
  /** How often the old server is asked for what it does not tell by itself; null where it tells all. */
  readonly askedEveryMs: number | null;
  readonly mailboxes: readonly CrossingMailbox[];
  /** How many mailboxes the list leaves out. */
  readonly more: number;
  readonly lastCarried: readonly Carried[];
  readonly capabilities: {
    readonly switch: boolean;
    readonly why: string | null;
    /** There are settings of the new server to show. */
    readonly mailPrograms: boolean;
    /** The account on the new server has no password; its owner may give theirs. */
    readonly keepPassword: boolean;
  };
  /** What the sync signs in with at the old server; null where it has nothing yet. */
  readonly signsInWith: SignIn | null;
  readonly startedAt: string | null;
  readonly inStepSince: string | null;
  readonly updatedAt: string | null;
}

/** `nothing`: all is done. */
export type SignIn = 'app-password' | 'own-password' | 'access-token' | 'master-user' | 'nothing';

export interface ProgramServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'implicit' | 'starttls';
  readonly user: string;
}

/** Settings of the new server for mail programs; null where there are none to show. */
export interface MailPrograms {
  readonly settings: {
    readonly name: string | null;
    readonly imap: ProgramServer;
    readonly submission: ProgramServer;
    readonly pop3: ProgramServer | null;
    /** Both servers are in use. */
    readonly both: boolean;
    /** Address of this page for another device; null where the server does not know it. */
    readonly page: string | null;
  } | null;
}

export interface Refused {
  readonly id: string;
  readonly mailbox: string;
  readonly uid: number;
  readonly code: string;
  /** What happened and what to do, in the session's language; `reason` is what the server said. */
  readonly what: string;
  readonly action: string;
  readonly reason: string;
  /** There are no words of ours for it: `reason` says more. */
  readonly reasonHelps: boolean;
  readonly sizeBytes: number;
  readonly date: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly attempts: number;
  readonly lastTriedAt: string;
}

/** A refused message in the operator's list. */
export interface RefusedEntry {
  /** Its address. */
  readonly account: string;
  readonly mailbox: string;
  readonly uid: number;
  readonly reason: string;
  readonly sizeBytes: number;
  readonly attempts: number;
}

export type TeamState = 'across' | 'under-way' | 'waiting' | 'needs-you' | 'paused';

export interface TeamAccount {
  readonly id: string;
  readonly address: string;
  readonly phase: Phase;
  readonly state: TeamState;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  readonly bytes: number;
  readonly refused: number;
  readonly attentionCode: string | null;
  readonly scheduledFor: string | null;
  readonly lastActivityAt: string | null;
}

export interface TeamSummary {
  readonly name: string;
  readonly accounts: number;
  readonly states: Readonly<Record<string, number>>;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  readonly bytesCopied: number;
  readonly refused: number;
}

export interface BulkResult {
  readonly dryRun: boolean;
  readonly selected: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly unchangedAccounts: readonly {
    readonly account: string;
    readonly code: string;
    readonly why: string;
  }[];
}

export interface TeamPerson {
  readonly login: string;
  readonly rights: readonly Right[];
}

/** A mail about the team now and then. */
export interface SummaryMail {
  readonly offered: boolean;
  readonly on: boolean;
}

export interface DashboardPoint {
  readonly at: string;
  readonly phases: Readonly<Record<string, number>>;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly lagMs: number | null;
  readonly refused: number;
  readonly servers: OfBoth<Pick<ServerLoad, 'connections' | 'latencyMs'>>;
}

/** Null: no worker told of it. */
export interface OfBoth<T> {
  readonly old: T | null;
  readonly new: T | null;
}

/** A team of the whole provider; without a name all smaller ones together. */
export interface TeamAcross {
  readonly id: string | null;
  readonly name: string | null;
  readonly accounts: number;
  readonly messagesTotal: number;
  readonly messagesDone: number;
}

export interface ServerLoad {
  readonly connections: number;
  readonly allowed: number;
  readonly waiting: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly latencyMs: number | null;
  readonly bytesToday: number;
  readonly latencyBrakeMs: number | null;
}

export interface Dashboard {
  readonly points: readonly DashboardPoint[];
  readonly trouble: Readonly<Record<string, number>>;
}

export interface Wave {
  readonly id: string;
  readonly team: string | null;
  readonly name: string;
  readonly at: string;
  readonly ratePerHour: number | null;
  readonly accounts: number;
  readonly started: number;
  readonly failed: number;
  readonly kind: PlanKind;
  readonly state: string;
  readonly stopOnFailurePercent: number | null;
}

export interface SyncStatus {
  readonly accounts: number;
  readonly paused: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly trouble: Readonly<Record<string, number>>;
  /** By kind. */
  readonly troubleClasses: Readonly<Record<string, number>>;
  readonly activities: Readonly<Record<string, number>>;
  /** Accounts that the sums below leave out. */
  readonly uncounted: number;
  readonly messagesTotal: number;
  readonly messagesDone: number;
  readonly messagesRefused: number;
  readonly bytesCopied: number;
  readonly lagMeanMs: number | null;
  readonly lagMaxMs: number | null;
}

/** Null: no limit. */
export interface Budget {
  readonly connections: number | null;
  readonly messagesPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  readonly bytesPerDay: number | null;
}

export interface AuditEntry {
  readonly id: string | number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  /** Of the account that `subject` is. */
  readonly address: string | null;
  /** Of the team, token, wave, webhook or edge that it is. */
  readonly name: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface TeamEntry {
  readonly id: string;
  readonly name: string;
  readonly accounts: number;
}

/** An account in the operator's list. */
export interface AccountEntry {
  readonly id: string;
  readonly address: string;
  readonly team: string | null;
  readonly phase: Phase;
  readonly paused: { readonly by: string; readonly why: string } | null;
  readonly attention: { readonly code: string; readonly reason: string; readonly action: string } | null;
  readonly progress: { readonly messagesTotal: number; readonly messagesDone: number } | null;
}

/** The form of an error (RFC 9457). */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly action: string;
}
