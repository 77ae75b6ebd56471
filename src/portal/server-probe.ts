/** Trying out a mail server before it is configured: what the portal asks, and a service answers. */
import type { Secret } from '../base/secret.ts';

export interface ProbedServer {
  readonly side: 'old' | 'new';
  readonly host: string;
  /** Null: 993 with implicit TLS, 143 otherwise. */
  readonly port: number | null;
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Null: only how far one gets without. */
  readonly login: { readonly user: string; readonly password: Secret } | null;
}

export interface ProbeResult {
  /** It speaks IMAP over a line that we accept. */
  readonly reached: boolean;
  readonly loggedIn: boolean;
  /** A code of base/errors.ts; null where all went well. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly action: string | null;
  /** After the login. */
  readonly product: string | null;
  readonly capabilities: readonly string[];
  readonly appendLimitBytes: number | null;
  /** Null without TLS, and where none was seen. */
  readonly certificate: ShownCertificate | null;
}

/** What the server shows of itself; whoever sets up decides whether to trust it. */
export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly fingerprintSha256: string;
  readonly trusted: boolean;
  readonly why: string | null;
}

/** Never rejects, and answers within its own deadline. */
export type ServerProbe = (server: ProbedServer) => Promise<ProbeResult>;
