/** Making accounts on new, how that stands, and trying out what makes them. For operators. */
import { z } from 'zod';
import { isMailferryError, MailferryError } from '../../base/errors.ts';
import { askFor, selectedIds } from '../../state/database/provisions.ts';
import { provisionCounts, provisionLists, provisionPage } from '../../state/database/provision-lists.ts';
import { resolveSelection, valuesAtOnce } from '../../state/database/selection.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import { cursorPlace, pageOf, pageQuery } from '../cursor.ts';
import {
  provisionCountsAnswer,
  provisionedAnswer,
  provisionedSchema,
  provisionEntryAnswer,
  provisioningSchema,
  provisioningTestSchema,
} from '../presenters/provisioning.ts';
import { selectionSchema } from '../presenters/sync.ts';

/** Made while the request waits; more are made one after another by the clock. */
const atOnce = 100;

export function provisioningRoutes(
  api: Api,
  { database: { db }, provisioning, passwordMails }: ControlContext,
): void {
  api.get(
    '/provisioning',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'How the accounts that Mailferry makes on new stand',
        description:
          '`list` names accounts: `trouble` those whose last try did not go well, `without-password` those that are there and nobody can log in to.',
        tags: ['accounts'],
        querystring: z.strictObject({ list: z.enum(provisionLists).default('trouble'), ...pageQuery }),
        response: { 200: provisioningSchema },
      },
    },
    async ({ query: { list, cursor, limit } }) => {
      const after = cursorPlace(cursor, z.string()) ?? '';
      const found = await provisionPage(db, list, { after, limit: limit + 1 });
      const { rows, next } = pageOf(found, limit, ({ accountId }) => accountId);
      return {
        adapter: provisioning.adapterName,
        passwords: [...provisioning.rungs],
        hashesFrom: provisioning.hashesFrom,
        mails: { ...passwordMails },
        counts: provisionCountsAnswer(await provisionCounts(db)),
        accounts: rows.map(provisionEntryAnswer),
        next,
      };
    },
  );

  api.post(
    '/provision',
    {
      config: { scope: 'sync:write' },
      schema: {
        summary: 'Make accounts on new, or look again at those that are there',
        description:
          'Up to a hundred at once, and for up to a minute; the rest is made one after another from now on.',
        tags: ['accounts'],
        body: selectionSchema,
        response: { 200: provisionedSchema },
      },
    },
    async (request) => {
      const { accounts, teams, domains, all, dryRun } = request.body;
      if (provisioning.adapterName === null)
        throw new MailferryError('provisioning-off', 'Mailferry does not make accounts on new here');
      const { selection, unknown } = await resolveSelection(db, { accounts, teams, domains, all });
      const first = await selectedIds(db, selection, { after: '', limit: atOnce });
      let queued = 0;
      let beyond = 0;
      for (let after = first.at(-1); after !== undefined; ) {
        const page = await selectedIds(db, selection, { after, limit: valuesAtOnce });
        beyond += page.length;
        if (!dryRun) {
          await askFor(db, page, 0);
          queued += page.length;
        }
        after = page.at(-1);
      }
      const made = await provisioning.provision(first, { dryRun, actor: actorOf(request) });
      const selected = first.length + beyond;
      if (!dryRun) queued += first.length - made.length;
      return { dryRun, selected, queued, accounts: made.map(provisionedAnswer), unknown: [...unknown] };
    },
  );

  api.post(
    '/provisioning/test',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Ask what makes accounts on new whether it would; nothing is changed',
        tags: ['servers'],
        response: { 200: provisioningTestSchema },
      },
    },
    async () => {
      const { adapterName: adapter } = provisioning;
      const well = { adapter, works: true, code: null, reason: null, action: null };
      try {
        return { ...well, ...(await provisioning.test()) };
      } catch (error) {
        if (!isMailferryError(error)) throw error;
        const { code, message: reason, action } = error;
        return { adapter, works: false, text: null, code, reason, action };
      }
    },
  );
}
