/** Starting, pausing, resuming and retrying many accounts, and where all stand. */
import { z } from 'zod';
import { type BulkAction, changeMany } from '../../state/database/bulk-changes.ts';
import { resolveSelection } from '../../state/database/selection.ts';
import { countsByClass } from '../../domain/trouble.ts';
import { syncStatus } from '../../state/database/sync-status.ts';
import type { Locale } from '../../state/database/sessions.ts';
import { readerOf } from '../locale-of.ts';
import { spared } from '../spared.ts';
import { type Api, actorOf, type ControlContext } from '../control-context.ts';
import {
  type BulkAnswer,
  bulkAnswer,
  bulkSchema,
  selectionSchema,
  statusSchema,
} from '../presenters/sync.ts';

/** Of changed and of unchanged accounts, so many are named. */
const namedAtMost = 1_000;

const plain = selectionSchema;
const pause = selectionSchema.safeExtend({
  why: z.string().min(1).max(500).default('asked for').describe('For people'),
});
const retry = selectionSchema.safeExtend({
  confirmDeletions: z
    .boolean()
    .default(false)
    .describe('Also carry out a mass of deletions that was stopped'),
});

export function syncRoutes(api: Api, { database: { db }, clock }: ControlContext): void {
  const status = spared(async () => {
    const now = await syncStatus(db);
    return { ...now, troubleClasses: { ...countsByClass(now.trouble) } };
  }, clock);
  const post = <S extends typeof plain | typeof pause | typeof retry>(
    path: string,
    summary: string,
    body: S,
    action: (body: z.output<S>) => BulkAction,
  ) =>
    api.post(
      path,
      {
        config: { scope: 'sync:write' },
        schema: { summary, tags: ['sync'], body, response: { 200: bulkSchema } },
      },
      async (request) =>
        apply(request.body as z.output<S>, action(request.body as z.output<S>), {
          actor: actorOf(request),
          locale: readerOf(request).locale,
        }),
    );

  post('/sync/start', 'Copy accounts and keep them in step', plain, () => ({ kind: 'start' }));
  post('/sync/pause', 'Do nothing for accounts until they are resumed', pause, ({ why }) => ({
    kind: 'pause',
    why: why ?? '',
  }));
  post('/sync/resume', 'Go on with paused accounts', plain, () => ({ kind: 'resume' }));
  post('/sync/retry', 'Try accounts again that want attention', retry, ({ confirmDeletions }) => ({
    kind: 'retry',
    confirmDeletions: confirmDeletions ?? false,
  }));
  post('/refused/retry', 'Try refused messages again', plain, () => ({ kind: 'retry-refused' }));

  api.get(
    '/sync/status',
    {
      config: { scope: 'accounts:read' },
      schema: {
        summary: 'Where all accounts stand, in numbers',
        tags: ['sync'],
        response: { 200: statusSchema },
      },
    },
    status,
  );

  async function apply(
    body: z.output<typeof plain>,
    action: BulkAction,
    { actor, locale }: { readonly actor: string; readonly locale: Locale },
  ): Promise<BulkAnswer> {
    const { accounts, teams, domains, all, dryRun } = body;
    const { selection, unknown } = await resolveSelection(db, { accounts, teams, domains, all });
    const result = await changeMany(db, selection, action, { actor, dryRun, named: namedAtMost });
    return bulkAnswer(result, dryRun, unknown, locale);
  }
}
