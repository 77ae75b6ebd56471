/** What the doctor of a mail host found: as an edge tells control, which keeps it. Types, and limits of what is taken in. */

export const severities = ['trouble', 'warning', 'note'] as const;
/** Trouble: mail or the sync goes wrong, or will. Warning: something is worse than it has to be. Note: good to know. */
export type Severity = (typeof severities)[number];

export const appliedStates = ['applied', 'drifted', 'not-applied', 'unknown'] as const;
/** Of the configuration that Mailferry makes; drifted: it was applied, and is not so any more. */
export type AppliedState = (typeof appliedStates)[number];

export interface HostFinding {
  /** Stable; a release knows words for its own codes. */
  readonly code: string;
  readonly severity: Severity;
  /** What was seen, by the names that the words have for it. */
  readonly values: Readonly<Record<string, string>>;
}

export interface LeftOutCheck {
  readonly check: string;
  /** Stable, as a code. */
  readonly reason: string;
  /** By a tool, word for word; empty where none said anything. */
  readonly said: string;
}

export interface ConfigurationLook {
  readonly state: AppliedState;
  /** What `mailferry config postfix` or `dovecot` is called with on this host, without --apply. */
  readonly arguments: readonly string[];
}

export interface HostReport {
  /** By the clock of the mail host. */
  readonly lookedAtMs: number;
  /** Null where the host has none, or where it was not looked at. */
  readonly postfix: ConfigurationLook | null;
  readonly dovecot: ConfigurationLook | null;
  readonly findings: readonly HostFinding[];
  readonly leftOut: readonly LeftOutCheck[];
}

/** A word of the report: a code, the name of a value, of a check or of a reason. */
export const reportWordForm = /^[a-z][A-Za-z0-9-]{0,63}$/;
/** A finding has a handful of values; each is a line that a person reads. */
export const mostReportValues = 12;
export const longestReportText = 400;
/** There are some forty codes, and a host has a few of them at a time. */
export const mostReportFindings = 60;
/** Of one call of `mailferry config`. */
export const mostReportArguments = 60;

/** What a server or a tool said, as a report may hold it: one line, cut. */
export function reportText(text: string): string {
  const line = text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return line.length > longestReportText ? `${line.slice(0, longestReportText - 1)}…` : line;
}
