/** One row of the table of findings. */
import type { Severity } from '../../domain/host-report.ts';
import type { Words } from '../../domain/trouble.ts';

export interface FindingRow {
  readonly severity: Severity;
  /** `{name}` is the value of that name. */
  readonly what: Words;
  /** What to do. */
  readonly fix: Words;
}

export const found = (severity: Severity, words: Omit<FindingRow, 'severity'>): FindingRow => ({
  severity,
  ...words,
});
