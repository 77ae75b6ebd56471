export { type CopyResult, copyAccount, type MailboxResult } from './copy-account.ts';
export { type DryRunMailbox, type DryRunResult, dryRun } from './dry-run.ts';
export {
  defaultEngineOptions,
  defaultSettleGraceMs,
  type EngineDeps,
  type EngineEvent,
  type EngineOptions,
  type RunCounts,
} from './engine-options.ts';
export type { MailboxFilter } from './reconcile/plan-mailboxes.ts';
export { type VerifyMailbox, type VerifyOptions, type VerifyResult, verifyAccount } from './verify.ts';
export type { DifferenceClass, VerifyDifference } from './reconcile/classify-differences.ts';
