export { type CopyResult, copyAccount } from './copy-account.ts';
export { followAccount } from './follow-account.ts';
export { type DryRunResult, dryRun } from './dry-run.ts';
export {
  defaultEngineOptions,
  type EngineDeps,
  type EngineEvent,
  type EngineOptions,
} from './engine-options.ts';
export type { MailboxFilter } from './reconcile/plan-mailboxes.ts';
export { type VerifyResult, verifyAccount } from './verify.ts';
export type { DifferenceClass } from './reconcile/classify-differences.ts';
export type {
  AppendMessage,
  BodySink,
  QuotaResource,
  StoreAbilities,
  StoreListing,
  StoreSession,
} from './mail-store.ts';
export { Mirror } from './mirror.ts';
export type { Credentials, MailStore, OnBehalf } from './mail-store.ts';
export { type Limiter, RateLimiter, type Rates } from './rate-limiter.ts';
