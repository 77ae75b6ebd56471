export { type CopyResult, copyAccount, type MailboxResult } from './copy-account.ts';
export {
  defaultEngineOptions,
  defaultSettleGraceMs,
  type EngineDeps,
  type EngineEvent,
  type EngineOptions,
  type RunCounts,
} from './engine-options.ts';
export type { MailboxFilter } from './reconcile/plan-mailboxes.ts';
