/** Taking in a list of accounts. The list is octets until it has been checked: faults are told by line. */
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { importAccounts } from '../../state/database/import-accounts.ts';
import { type Api, actorOf, callerOf, type ControlContext } from '../control-context.ts';
import { queryBoolean } from '../cursor.ts';
import { maxFaultsTold, maxListBytes } from '../import/limits.ts';
import { columns } from '../import/read-fields.ts';
import { readCsv, readJson } from '../import/read-list.ts';
import { readerOf } from '../locale-of.ts';
import { requireScope } from '../policies/scopes.ts';
import { importSchema, refusalSchema } from '../presenters/import.ts';
import { sendProblem } from '../problem.ts';

/** The body is read by import/; this only describes it. */
const listBody = z.unknown().meta({
  description: `CSV with a first line of column names, or a JSON array of objects with these names: ${columns.join(', ')}`,
  type: 'array',
  items: {
    type: 'object',
    required: ['address'],
    properties: Object.fromEntries(columns.map((column) => [column, { type: 'string' }])),
  },
});

export async function importRoutes(api: Api, context: ControlContext): Promise<void> {
  const { database, key, clock } = context;
  // Only below here: elsewhere a body is JSON and small.
  await api.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['text/csv', 'application/json'],
      { parseAs: 'buffer', bodyLimit: maxListBytes },
      (_request, body, done) => done(null, body),
    );
    (scope as Api).post(
      '/accounts/import',
      {
        config: { scope: 'accounts:write' },
        bodyLimit: maxListBytes,
        schema: {
          summary: 'Take in a list of accounts: all of it, or nothing',
          tags: ['accounts'],
          consumes: ['application/json', 'text/csv'],
          querystring: z.strictObject({ dryRun: queryBoolean.default(false) }),
          body: listBody,
          response: { 200: importSchema, 422: refusalSchema },
        },
      },
      async (request, reply) => {
        const isCsv = request.headers['content-type']?.startsWith('text/csv') === true;
        const octets = request.body as Uint8Array;
        const list = isCsv ? readCsv(octets) : readJson(octets);
        // Whoever may take in accounts need not be one who says who looks after them.
        if (list.rows.some(({ teamAdmin }) => teamAdmin !== null)) requireScope(callerOf(request), 'admin');
        const { dryRun } = request.query;
        const { locale } = readerOf(request);
        // A list that cannot be read is compared with what is there all the same: all its faults are told at once.
        const result = await importAccounts(database.db, list.rows, {
          key,
          actor: actorOf(request),
          nowMs: clock.now(),
          dryRun: dryRun || list.faults.length > 0,
        });
        const faults = [...list.faults, ...result.faults]
          .sort((a, b) => a.line - b.line)
          .slice(0, maxFaultsTold)
          .map(({ line, column, text, allowed }) => ({
            line,
            column,
            text: text[locale],
            allowed: allowed[locale],
          }));
        if (faults.length > 0) {
          const what = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
          const error = new MailferryError('import-refused', `the list has ${what}`);
          return sendProblem(reply, error, { faults }) as never;
        }
        const { added, updated, unchanged, updates } = result;
        return {
          dryRun,
          added,
          updated,
          unchanged,
          updates: updates.map(({ address, columns: changed }) => ({
            account: address,
            columns: [...changed],
          })),
        };
      },
    );
  });
}
