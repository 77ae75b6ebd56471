/** Accounts: lists, one, and all about one. */
import { z } from 'zod';
import { errorTable } from '../../base/errors.ts';
import { phases } from '../../domain/phase.ts';
import { codesOf, troubleClasses, troubleCodes } from '../../domain/trouble.ts';
import { detailsOf } from '../../state/database/account-detail.ts';
import { type AccountView, accountsPage, accountView } from '../../state/database/account-list.ts';
import { domainForm } from '../../state/database/address-form.ts';
import { auditOf } from '../../state/database/audit.ts';
import { mailboxesOf } from '../../state/database/journal-rows.ts';
import { mailboxProblemsOf } from '../../state/database/mailbox-problems.ts';
import { refusedPage } from '../../state/database/refused-list.ts';
import type { AccountFilter } from '../../state/database/selection.ts';
import { teamIds } from '../../state/database/teams.ts';
import { type Api, callerOf, type ControlContext } from '../control-context.ts';
import { cursorPlace, nextSchema, pageOf, pageQuery, queryBoolean } from '../cursor.ts';
import { readerOf } from '../locale-of.ts';
import { eyesOf } from '../policies/horizon.ts';
import { accountAnswer, accountSchema } from '../presenters/account.ts';
import { reportAnswer, reportSchema } from '../presenters/report.ts';

const read = { config: { scope: 'accounts:read' } } as const;
const readOne = { config: { scope: 'accounts:read', access: { to: 'account', right: 'view' } } } as const;
const name = z.string().min(1).max(320);
/** Of a report: what people read. */
const refusedAtMost = 1_000;
const historyAtMost = 100;

const listQuery = z.strictObject({
  team: name.optional(),
  domain: name.optional(),
  phase: z.enum(phases).optional(),
  trouble: name
    .refine((text) => text === 'any' || Object.hasOwn(errorTable, text), {
      error: `is no error code; use any for all, or one of ${troubleCodes().join(', ')}`,
    })
    .optional()
    .describe('An error code, or any'),
  troubleClass: z.enum(troubleClasses).optional().describe('All error codes of a kind'),
  paused: queryBoolean.optional(),
  search: name.optional().describe('How the address begins'),
  ...pageQuery,
});

export function accountRoutes(api: Api, { database: { db } }: ControlContext): void {
  api.get(
    '/accounts',
    {
      ...read,
      schema: {
        summary: 'List accounts in the order of their addresses',
        tags: ['accounts'],
        querystring: listQuery,
        response: { 200: z.object({ accounts: z.array(accountSchema), next: nextSchema }) },
      },
    },
    async (request) => {
      const { query } = request;
      const after = cursorPlace(query.cursor, z.string());
      const filter = await filterOf(query);
      const views = filter === null ? [] : await accountsPage(db, filter, { after, limit: query.limit + 1 });
      const { rows, next } = pageOf(views, query.limit, ({ address }) => address);
      return { accounts: rows.map((one) => accountAnswer(one, readerOf(request))), next };
    },
  );

  api.get(
    '/accounts/:account',
    {
      ...readOne,
      schema: {
        summary: 'One account, by its id or any of its addresses',
        tags: ['accounts'],
        params: z.object({ account: name }),
        response: { 200: accountSchema },
      },
    },
    async (request) => accountAnswer(await accountView(db, request.params.account), readerOf(request)),
  );

  api.get(
    '/accounts/:account/report',
    {
      ...readOne,
      schema: {
        summary: 'All about one account: mailboxes, what is not on new, what was done',
        tags: ['accounts'],
        params: z.object({ account: name }),
        response: { 200: reportSchema },
      },
    },
    async (request) => {
      const view: AccountView = await accountView(db, request.params.account);
      const only = { ids: [view.id], teamIds: [], domains: [], all: false };
      const counted = (await detailsOf(db, [view.id])).get(view.id)?.detail.mailboxes ?? [];
      const rows = {
        account: view,
        bytes: new Map(counted.map((one) => [one.name, one.bytes])),
        mailboxes: await mailboxesOf(db, view.id),
        problems: await mailboxProblemsOf(db, view.id),
        refused: await refusedPage(db, only, { after: null, limit: refusedAtMost }),
        history: await auditOf(db, view.id, historyAtMost),
      };
      return reportAnswer(rows, eyesOf(callerOf(request), view.id), readerOf(request));
    },
  );

  /** Null where it names a team that is not there: nothing fits. */
  async function filterOf(query: z.output<typeof listQuery>): Promise<AccountFilter | null> {
    const { team, domain, phase, trouble, troubleClass, paused, search } = query;
    const teamId = team === undefined ? null : ((await teamIds(db, [team])).get(team) ?? undefined);
    if (teamId === undefined) return null;
    return {
      teamId,
      domain: domain === undefined ? null : domainForm(domain),
      phase: phase ?? null,
      trouble: trouble ?? null,
      troubles: troubleClass === undefined ? null : codesOf(troubleClass),
      paused: paused ?? null,
      begins: search?.toLowerCase() ?? null,
    };
  }
}
