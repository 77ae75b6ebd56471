/** The tables as kysely sees them. Ids are UUIDv7 text, times epoch milliseconds, truth values 0 and 1, JSON is text. */
import type { ColumnType, Generated } from 'kysely';

export interface AuditTable {
  /** Ascending; given by the database. */
  readonly id: Generated<number>;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  /** What was acted on; null for the installation as a whole. */
  readonly subject: string | null;
  readonly detail: string;
}

export interface AccountTable {
  readonly id: string;
  readonly address: string;
  readonly old_login: string;
  readonly new_login: string;
  /** A word of domain/phase.ts. */
  readonly phase: string;
  readonly epoch: number;
  /** domain/shard.ts, of the id. */
  readonly shard: number;
  readonly created_at_ms: number;
  /** JSON of account-notes.ts. */
  readonly paused: ColumnType<string | null, string | null | undefined, string | null>;
  readonly attention: ColumnType<string | null, string | null | undefined, string | null>;
  readonly scheduled_for: ColumnType<number | null, number | null | undefined, number | null>;
  readonly team_id: ColumnType<string | null, string | null | undefined, string | null>;
  /** Of the address; null where that has none. */
  readonly domain: ColumnType<string | null, string | null | undefined, string | null>;
  readonly quota_bytes: ColumnType<number | null, number | null | undefined, number | null>;
  /** What its owner, or somebody for them, chose: `copy` or `move`; null before. */
  readonly choice: ColumnType<string | null, string | null | undefined, string | null>;
  /** Who set `scheduled_for`. */
  readonly planned_by: ColumnType<string | null, string | null | undefined, string | null>;
  /** The code in `attention`, given by the database. */
  readonly attention_code: ColumnType<string | null, never, never>;
}

export interface TeamTable {
  readonly id: string;
  readonly name: string;
  readonly created_at_ms: number;
}

export interface DomainTable {
  readonly name: string;
  readonly team_id: string | null;
  /** `relayed` until its MX record moves. */
  readonly phase: string;
  readonly created_at_ms: number;
}

/** Every address that an account is reached by, its own included. */
export interface AddressTable {
  readonly address: string;
  readonly account_id: string;
}

export interface ServerTable {
  /** `old` or `new`. */
  readonly side: string;
  readonly host: string;
  readonly port: number;
  /** JSON, as configured. */
  readonly limits: string;
  /** JSON list of words, as the server last announced them; null before. */
  readonly capabilities: string | null;
  readonly seen_at_ms: number | null;
}

export interface CredentialTable {
  /** An account's id, or `server` for the master user of a side. */
  readonly owner: string;
  readonly side: string;
  readonly login: string;
  /** By envelope.ts. */
  readonly sealed: string;
  readonly changed_at_ms: number;
}

export interface ApiTokenTable {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the token, hexadecimal. */
  readonly hash: string;
  /** JSON list of words. */
  readonly scopes: string;
  readonly created_at_ms: number;
  readonly last_used_ms: number | null;
  readonly expires_at_ms: number | null;
  readonly revoked_at_ms: number | null;
}

export interface CounterTable {
  readonly name: string;
  readonly value: number;
}

export interface LeaseTable {
  readonly name: string;
  readonly holder: string;
  readonly fence: number;
  readonly until_ms: number;
}

export interface EventTable {
  readonly id: number;
  readonly at_ms: number;
  readonly kind: string;
  readonly subject: string;
  readonly detail: string;
}

/** As MailboxRow of sync/journal.ts; names as text by name-text.ts, marks as JSON. */
export interface JournalMailboxTable {
  readonly account_id: string;
  readonly id: number;
  readonly old_name: string;
  readonly new_name: string;
  readonly mapped_by: string;
  readonly place: string;
  readonly created_by_us: number;
  readonly generation: number;
  readonly old_uid_validity: number | null;
  readonly new_uid_validity: number | null;
  readonly old_mailbox_id: string | null;
  readonly new_mailbox_id: string | null;
  readonly old_mark: string | null;
  readonly new_mark: string | null;
  readonly adopted_below: number;
  readonly subscribed: number;
}

export interface JournalIntentTable {
  readonly account_id: string;
  readonly id: number;
  readonly mailbox_id: number;
  readonly kind: string;
  readonly new_uid_validity: number;
  readonly uid_next_before: number;
  readonly created_at_ms: number;
  readonly messages: string;
}

export interface JournalChunkTable {
  readonly account_id: string;
  readonly mailbox_id: number;
  readonly generation: number;
  readonly chunk: number;
  readonly body: Uint8Array;
}

export interface JournalRefusedTable {
  readonly account_id: string;
  readonly mailbox_id: number;
  readonly old_uid: number;
  readonly code: string;
  readonly reason: string;
  readonly size_bytes: number;
  readonly date: string | null;
  readonly subject: string | null;
  readonly from_line: string | null;
  readonly attempts: number;
  readonly at_ms: number;
}

export interface JournalNoteTable {
  readonly account_id: string;
  readonly name: string;
  readonly value: string;
}

export interface AccountProgressTable {
  readonly account_id: string;
  readonly messages_total: number;
  readonly messages_done: number;
  readonly messages_refused: number;
  readonly mailboxes: number;
  readonly bytes_copied: number;
  readonly activity: string;
  readonly heard_by: string;
  readonly lag_ms: number | null;
  readonly last_pass_ms: number | null;
  readonly updated_ms: number;
}

/** Names and reasons as text by name-text.ts. */
export interface MailboxProblemTable {
  readonly account_id: string;
  readonly mailbox: string;
  readonly code: string;
  readonly reason: string;
  readonly since_ms: number;
}

export interface AccountRequestTable {
  readonly account_id: string;
  readonly kind: string;
  readonly at_ms: number;
}

/** Who asked for a mail about their team. */
export interface SummaryMailTable {
  readonly team_id: string;
  readonly login: string;
  readonly since_ms: number;
  readonly last_told: string | null;
}

export interface ServerUsageTable {
  readonly side: string;
  /** `2026-11-24`, of the machine that counted. */
  readonly day: string;
  readonly bytes: number;
}

/** Somebody who logs in to the portal by other means, or to more, than a mailbox of their own. */
export interface PersonTable {
  /** A mail address, lower case. */
  readonly login: string;
  readonly display_name: string | null;
  readonly locale: string | null;
  readonly operator: number;
  /** Argon2id in PHC form; null for who logs in with the password of the mailbox. */
  readonly password: string | null;
  readonly totp_sealed: string | null;
  readonly totp_confirmed: number;
  /** The last step whose code was used: none is good twice. */
  readonly totp_step: number;
  readonly created_at_ms: number;
}

export interface TeamPersonTable {
  readonly team_id: string;
  readonly login: string;
  /** JSON list of words. */
  readonly rights: string;
}

export interface LoginAttemptTable {
  /** Nobody can read from it who tried. */
  readonly key: string;
  readonly tried: number;
  readonly until_ms: number;
}

export interface SessionTable {
  readonly id: string;
  /** SHA-256 of the cookie's token, hexadecimal. */
  readonly hash: string;
  readonly login: string;
  /** The mailbox that the password was good for; null for a password of the portal. */
  readonly account_id: string | null;
  readonly operator: number;
  readonly locale: string;
  readonly address: string;
  readonly user_agent: string;
  readonly created_at_ms: number;
  readonly last_seen_ms: number;
  readonly expires_at_ms: number;
}

export interface AccountDetailTable {
  readonly account_id: string;
  /** JSON of account-detail.ts. */
  readonly detail: string;
  /** What first copies took, ever. */
  readonly copy_ms: number;
  readonly copy_messages: number;
  readonly copy_bytes: number;
  /** Null where old does not say sizes, and before anybody counted. */
  readonly bytes_on_old: number | null;
  readonly updated_ms: number;
}

export interface WaveTable {
  readonly id: string;
  /** Null: of the operators. */
  readonly team_id: string | null;
  readonly name: string;
  readonly at_ms: number;
  readonly rate_per_hour: number | null;
  readonly kind: string;
  readonly state: string;
  readonly stop_on_failure_percent: number | null;
  readonly created_by: string;
  readonly created_at_ms: number;
  readonly last_start_ms: number | null;
}

export interface WaveAccountTable {
  readonly wave_id: string;
  readonly account_id: string;
  readonly started: number;
}

export interface WebhookTable {
  readonly id: string;
  readonly url: string;
  /** Its secret, by envelope.ts. */
  readonly sealed: string;
  readonly created_by: string;
  readonly created_at_ms: number;
  /** Null: on. */
  readonly off_since_ms: number | null;
}

export interface OutboxTable {
  readonly id: string;
  readonly cause: string;
  /** `mail` or `webhook`. */
  readonly kind: string;
  readonly target: string;
  /** JSON. */
  readonly body: string;
  /** `waiting`, `sent` or `failed`. */
  readonly state: string;
  readonly attempts: number;
  readonly due_ms: number;
  readonly last_error: string | null;
  readonly created_at_ms: number;
  /** The last try; null before the first, and in rows of a release before. */
  readonly tried_ms: number | null;
  /** The HTTP status of the last try; null where none came. */
  readonly answer: number | null;
}

export interface SampleTable {
  readonly at_ms: number;
  /** JSON of samples.ts. */
  readonly detail: string;
}

export interface ServerBudgetTable {
  readonly side: string;
  /** JSON of server-budgets.ts. */
  readonly limits: string;
}

export interface ServerLoadTable {
  readonly worker: string;
  readonly side: string;
  readonly at_ms: number;
  /** JSON of server-load.ts. */
  readonly detail: string;
}

export interface EdgeTable {
  readonly id: string;
  readonly side: string;
  readonly name: string;
  /** SHA-256, hexadecimal, of the code that it enrols with; null once it has. */
  readonly code_hash: string | null;
  readonly code_until_ms: number | null;
  readonly token_hash: string | null;
  readonly enrolled_at_ms: number | null;
  readonly epoch: number;
  readonly seen_at_ms: number | null;
  readonly version: string | null;
  /** JSON list of edges.ts. */
  readonly health: string;
  readonly created_at_ms: number;
  /** JSON of domain/host-report.ts; null before the doctor of its host has looked. */
  readonly report: string | null;
  readonly reported_at_ms: number | null;
}

export interface AppPasswordTable {
  readonly id: string;
  readonly account_id: string;
  readonly side: string;
  readonly hash: string;
  /** By envelope.ts: the sync logs in with it. */
  readonly sealed: string;
  /** JSON lists of words. */
  readonly protocols: string;
  readonly nets: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
  readonly revoked_at_ms: number | null;
  readonly last_used_ms: number | null;
  /** As the audit log names them; null of those that an earlier release made. */
  readonly created_by: string | null;
  readonly revoked_by: string | null;
  /** The worker. */
  readonly last_used_by: string | null;
  /** Edges that have this one of the account's epochs know it; null where an earlier release made it. */
  readonly epoch: number | null;
}

/** An account on new, as Mailferry makes it there. */
export interface ProvisionTable {
  readonly account_id: string;
  /** `waiting`, `made` or `failed`. */
  readonly state: string;
  /** Who made it; null before the first try. With `sql` the edges of new have it from here. */
  readonly adapter: string | null;
  /** Where the password comes from: `copied`, `captured`, `none`, or `locked`. */
  readonly password: string;
  /** The very hash that Mailferry put on new, by envelope.ts; null where it put none. */
  readonly sealed: string | null;
  readonly failures: number;
  /** The next try; null where none is due. */
  readonly due_ms: number | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly made_at_ms: number | null;
  readonly changed_at_ms: number;
  /** How many mails asked its owner for the password. */
  readonly asked: Generated<number>;
  readonly asked_ms: ColumnType<number | null, number | null | undefined, number | null>;
}

export interface DiscoveredTable {
  readonly account_id: string;
  readonly address: string;
  /** `adopted`, `missing` (in one look) or `vanished`. */
  readonly state: string;
  readonly at_ms: number;
}

export interface DiscoveryLookTable {
  readonly source: string;
  readonly at_ms: number;
  /** The last look that came to its end. */
  readonly good_at_ms: number | null;
  readonly listed: number;
  /** What kept the last one from it. */
  readonly code: string | null;
  readonly reason: string | null;
}

export interface Tables {
  readonly account: AccountTable;
  readonly account_detail: AccountDetailTable;
  readonly account_progress: AccountProgressTable;
  readonly account_request: AccountRequestTable;
  readonly address: AddressTable;
  readonly api_token: ApiTokenTable;
  readonly app_password: AppPasswordTable;
  readonly audit: AuditTable;
  readonly counter: CounterTable;
  readonly credential: CredentialTable;
  readonly discovered: DiscoveredTable;
  readonly discovery_look: DiscoveryLookTable;
  readonly domain: DomainTable;
  readonly edge: EdgeTable;
  readonly event: EventTable;
  readonly journal_chunk: JournalChunkTable;
  readonly journal_intent: JournalIntentTable;
  readonly journal_mailbox: JournalMailboxTable;
  readonly journal_note: JournalNoteTable;
  readonly journal_refused: JournalRefusedTable;
  readonly lease: LeaseTable;
  readonly mailbox_problem: MailboxProblemTable;
  readonly outbox: OutboxTable;
  readonly person: PersonTable;
  readonly provision: ProvisionTable;
  readonly sample: SampleTable;
  readonly server: ServerTable;
  readonly server_budget: ServerBudgetTable;
  readonly server_load: ServerLoadTable;
  readonly session: SessionTable;
  readonly summary_mail: SummaryMailTable;
  readonly login_attempt: LoginAttemptTable;
  readonly team: TeamTable;
  readonly team_person: TeamPersonTable;
  readonly server_usage: ServerUsageTable;
  readonly wave: WaveTable;
  readonly wave_account: WaveAccountTable;
  readonly webhook: WebhookTable;
}
