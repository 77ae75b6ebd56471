/** What the API answers to the operator's pages, as far as they use it; contract.ts says the rest. */

export interface Operator {
  readonly login: string;
  readonly displayName: string | null;
  readonly totp: 'none' | 'begun' | 'confirmed';
  readonly createdAt: string;
}

/** Shown once: a password is the page's own, this is what the API made. */
export interface MadeOperator {
  readonly login: string;
  readonly totp: TotpSecret | null;
}

export interface TotpSecret {
  readonly secret: string;
  readonly uri: string;
}

export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly on: boolean;
  readonly createdBy: string;
  readonly createdAt: string;
}

export interface WebhookCall {
  readonly id: string;
  /** Null for a test. */
  readonly event: string | null;
  readonly state: 'waiting' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAt: string;
  readonly triedAt: string | null;
  readonly answer: number | null;
  readonly error: string | null;
  readonly nextAt: string | null;
}

export interface Domain {
  readonly name: string;
  readonly phase: string;
  readonly accounts: number;
  readonly teams: readonly string[];
  readonly phases: Readonly<Record<string, number>>;
  readonly messagesTotal: number;
  readonly messagesDone: number;
}

export type Side = 'old' | 'new';

export interface Server {
  readonly side: Side;
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly limits: Readonly<Record<string, number | string>>;
  readonly capabilities: readonly string[] | null;
  readonly seenAt: string | null;
}

/** On a mail host. */
export interface Edge {
  readonly id: string;
  readonly side: Side;
  readonly name: string;
  /** Null while nobody has used its code. */
  readonly enrolledAt: string | null;
  readonly codeUntil: string | null;
  /** All changes up to here are in force on its host. */
  readonly epoch: number;
  readonly seenAt: string | null;
  readonly version: string | null;
  /** What it says is wrong, and with which part of it. */
  readonly findings: readonly { readonly part: string; readonly text: string }[];
  /** Null before the doctor of its host has looked. */
  readonly doctor: HostReport | null;
}

export interface HostReport {
  /** By the clock of the host. */
  readonly lookedAt: string;
  /** Null where it has no Postfix. */
  readonly postfix: ConfigurationLook | null;
  readonly dovecot: ConfigurationLook | null;
  readonly findings: readonly HostFinding[];
  readonly leftOut: readonly { readonly check: string; readonly reason: string; readonly what: string }[];
}

export interface ConfigurationLook {
  readonly state: 'applied' | 'drifted' | 'not-applied' | 'unknown';
  /** Prints it, on that host. */
  readonly command: string;
}

export interface HostFinding {
  readonly code: string;
  readonly severity: 'trouble' | 'warning' | 'note';
  readonly what: string;
  /** What to do. */
  readonly fix: string;
}

export interface Edges {
  readonly edges: readonly Edge[];
  /** The newest change. */
  readonly epoch: number;
}

export interface MadeEdge {
  readonly id: string;
  readonly code: string;
  readonly codeUntil: string;
}

/** With which the sync signs in for one account. */
export interface AppPassword {
  readonly id: string;
  readonly side: Side;
  readonly state: 'in-force' | 'expired' | 'revoked';
  readonly nets: readonly string[];
  readonly createdAt: string;
  /** As the audit log names them; null where it was not noted. */
  readonly createdBy: string | null;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedBy: string | null;
}

export interface AppPasswords {
  readonly appPasswords: readonly AppPassword[];
  /** Sides on which accounts have such passwords. */
  readonly offered: readonly Side[];
}

type ProvisionPassword = 'copied' | 'captured' | 'none' | 'locked';

/** An account on new that was not made as it should be, or has no password. */
export interface ProvisionEntry {
  readonly id: string;
  readonly address: string;
  readonly state: 'waiting' | 'made' | 'failed';
  readonly adapter: string | null;
  readonly password: ProvisionPassword;
  readonly code: string | null;
  readonly reason: string | null;
  readonly failures: number;
  readonly nextAt: string | null;
  readonly mails: number;
  readonly lastMailAt: string | null;
}

export interface Provisioning {
  /** Null: Mailferry makes no accounts on new. */
  readonly adapter: string | null;
  readonly passwords: readonly string[];
  readonly hashesFrom: string | null;
  readonly mails: { readonly most: number; readonly days: number };
  readonly counts: Readonly<
    Record<'made' | 'waiting' | 'failed' | 'withoutPassword' | 'asked' | 'trouble', number>
  >;
  readonly accounts: readonly ProvisionEntry[];
  readonly next: string | null;
}

export interface ProvisionResult {
  readonly dryRun: boolean;
  readonly accounts: readonly {
    readonly account: string;
    readonly outcome: 'made' | 'unchanged' | 'later' | 'refused';
    readonly changes: readonly string[];
    readonly password: ProvisionPassword;
    readonly code: string | null;
    readonly reason: string | null;
  }[];
  readonly unknown: readonly string[];
}

export interface ProvisioningTest {
  readonly works: boolean;
  readonly text: string | null;
  readonly code: string | null;
  readonly reason: string | null;
}

export interface Discovered {
  /** Null: addresses are not looked for. */
  readonly source: string | null;
  /** Null before the first. */
  readonly look: {
    readonly at: string;
    readonly goodAt: string | null;
    readonly listed: number;
    readonly code: string | null;
    readonly reason: string | null;
  } | null;
  readonly counts: Readonly<Record<'adopted' | 'missing' | 'vanished', number>>;
  readonly addresses: readonly { readonly id: string; readonly address: string; readonly at: string }[];
  readonly next: string | null;
}

export interface DiscoveryResult {
  readonly dryRun: boolean;
  readonly listed: number;
  readonly adopted: number;
  readonly aliases: number;
  readonly missing: number;
  readonly vanished: number;
  readonly returned: number;
  readonly skipped: readonly { readonly address: string; readonly why: string }[];
}

export interface MasterUser {
  readonly side: Side;
  readonly login: string | null;
  readonly from: 'configuration' | 'database' | null;
}

export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly validFrom: string;
  readonly validTo: string;
  readonly fingerprintSha256: string;
  readonly trusted: boolean;
  readonly why: string | null;
}

export interface ServerTest {
  readonly reached: boolean;
  readonly loggedIn: boolean;
  readonly code: string | null;
  readonly reason: string | null;
  readonly action: string | null;
  readonly product: string | null;
  readonly capabilities: readonly string[];
  readonly appendLimitBytes: number | null;
  readonly certificate: ShownCertificate | null;
}

export interface ImportResult {
  readonly dryRun: boolean;
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** What is wrong with a list, beside the form of an error. */
export interface ImportFault {
  readonly line: number;
  readonly column: string;
  readonly text: string;
  readonly allowed: string;
}
