/**
 * The pages write down the forms of the API's answers once more; here the compiler compares them with what the API
 * declares. An answer that a page could not read makes `npm run check` fail at its types.
 */
import { expectTypeOf, test } from 'vitest';
import type { AccountAnswer } from '../../src/portal/presenters/account.ts';
import type { CrossingAnswer } from '../../src/portal/presenters/crossing.ts';
import type { AuditAnswer } from '../../src/portal/presenters/lists.ts';
import type { Problem as ProblemAnswer } from '../../src/portal/presenters/problem.ts';
import type { SessionAnswer } from '../../src/portal/presenters/session.ts';
import type { BulkAnswer, StatusAnswer } from '../../src/portal/presenters/sync.ts';
import type { TeamAccountAnswer, teamSummaryAnswer } from '../../src/portal/presenters/team.ts';
import type {
  AccountEntry,
  AuditEntry,
  BulkResult,
  Crossing,
  Problem,
  Session,
  SyncStatus,
  TeamAccount,
  TeamSummary,
} from '../../ui/src/api/contract.ts';

test('what the API answers can be read by the pages', () => {
  expectTypeOf<CrossingAnswer>().toExtend<Crossing>();
  expectTypeOf<SessionAnswer>().toExtend<Session>();
  expectTypeOf<ProblemAnswer>().toExtend<Problem>();
  expectTypeOf<BulkAnswer>().toExtend<BulkResult>();
  expectTypeOf<StatusAnswer>().toExtend<SyncStatus>();
  expectTypeOf<TeamAccountAnswer>().toExtend<TeamAccount>();
  expectTypeOf<ReturnType<typeof teamSummaryAnswer>>().toExtend<TeamSummary>();
  expectTypeOf<AuditAnswer>().toExtend<AuditEntry>();
  expectTypeOf<AccountAnswer>().toExtend<AccountEntry>();
});
