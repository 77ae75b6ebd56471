/**
 * What a command gets from main.ts: the process's streams and environment, and the service that opens accounts. Commands
 * themselves read neither process.argv nor process.env.
 */
import type { Secret } from '../base/secret.ts';
import type { Clock } from '../base/clock.ts';
import type { EngineDeps, StoreSession } from '../sync/index.ts';
import type { DaemonMode } from './daemon.ts';
import type { DoctorRequest, LookedHost } from './doctor.ts';
import type { EdgeEnrolment, EdgeRun } from './edge.ts';
import type { ImapUrl } from './imap-url.ts';

export interface AccountAccess {
  readonly url: ImapUrl;
  readonly password: Secret | null;
  readonly token: Secret | null;
  /** Logs in with this name's password on behalf of the URL's user (SASL PLAIN, RFC 4616). */
  readonly authUser: string | null;
  readonly allowPlaintext: boolean;
  readonly caPem: string | null;
  readonly fingerprintsSha256: readonly string[];
}

export interface OpenedRun {
  readonly deps: Pick<EngineDeps, 'old' | 'fresh' | 'journal' | 'clock' | 'random' | 'describeHeader'>;
  readonly stateFile: string | null;
  close(): Promise<void>;
}

export interface CommandEnv {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** `stateFile` null: nothing is remembered and nothing written (dry run without a state, verify without one). */
  openRun(from: AccountAccess, to: AccountAccess, state: StateChoice): Promise<OpenedRun>;
  openSession(account: AccountAccess): Promise<StoreSession>;
  /**
   * Where the API of the configuration is; none of its secrets is read. Throws `configuration-missing` or
   * `configuration-invalid`. `file` null: the variable's or the standard one.
   */
  apiPlace(file: string | null): Promise<ApiPlace>;
  /** All of it, as the daemon would read it; without `files` those that it names are left alone. Throws as `apiPlace`. */
  checkConfiguration(
    file: string | null,
    options: { readonly files: boolean },
  ): Promise<CheckedConfiguration>;
  exampleConfiguration(): Promise<string>;
  /** Resolves when `signal` has ended it; throws what keeps it from starting. */
  runDaemon(mode: DaemonMode, configFile: string | null, signal: AbortSignal): Promise<void>;
  /** Uses up an edge's code. Throws `edge-code-refused`, `edge-control-unreachable`. */
  enrolEdge(
    enrolment: EdgeEnrolment,
  ): Promise<{ readonly side: 'old' | 'new'; readonly name: string; readonly file: string }>;
  /** Resolves when `signal` has ended it; throws what keeps it from starting. */
  runEdge(run: EdgeRun, signal: AbortSignal): Promise<void>;
  /** Looks at this host, for each edge that is here. Throws `usage` where there is none. */
  runDoctor(request: DoctorRequest, signal: AbortSignal): Promise<readonly LookedHost[]>;
  /** Throws `usage` where files are there already, `configuration-invalid`. */
  initialise(installation: Installation): Promise<Initialised>;
}

/** What `mailferry init` was told. */
export interface Installation {
  readonly directory: string;
  readonly old: InstalledServer;
  readonly new: InstalledServer;
  /** Null for the standard. */
  readonly database: string | null;
  readonly listen: string | null;
  /** Overwrite what is there. */
  readonly force: boolean;
}

export interface InstalledServer {
  readonly host: string;
  /** Null for that of the protocol. */
  readonly port: number | null;
  readonly masterUser: string | null;
  readonly masterPassword: Secret | null;
}

export interface Initialised {
  /** What was written; the configuration first. */
  readonly files: readonly string[];
  readonly kept: readonly string[];
}

export interface ApiPlace {
  /** Address and port. */
  readonly listen: string;
  /** The file with the operator's token. */
  readonly tokenFile: string;
}

export interface CheckedConfiguration {
  readonly file: string;
  /** Every value in force; no secret is in it. */
  readonly effective: object;
  /** Dotted keys of the secrets that were given. */
  readonly secretsGiven: readonly string[];
  readonly warnings: readonly string[];
}

export type StateChoice =
  | { readonly kind: 'file'; readonly path: string }
  /** Under the XDG state directory, by the pair of accounts. */
  | { readonly kind: 'default' }
  /** Only if it exists already; never written. */
  | { readonly kind: 'existing'; readonly path: string | null };
