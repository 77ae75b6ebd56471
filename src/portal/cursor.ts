/** Where a page of a list ended, as text that callers hand back and do not look into. Pure. */
import { z } from 'zod';
import { MailferryError } from '../base/errors.ts';

/** Of any list; a page is one answer in memory. */
const maxLimit = 1_000;

/** The parameters of every list. */
export const pageQuery = {
  cursor: z.string().max(2_000).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(maxLimit).default(100),
};

/** A word in a query that says yes or no. */
export const queryBoolean = z
  .stringbool({ truthy: ['true'], falsy: ['false'] })
  .meta({ enum: ['true', 'false'] });

export const nextSchema = z.string().nullable().describe('The cursor of the next page; null on the last one');

export function cursorText(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Null without a cursor. Throws `request-invalid` for one that is none of this list. */
export function cursorPlace<T>(cursor: string | undefined, form: z.ZodType<T>): T | null {
  if (cursor === undefined) return null;
  try {
    return form.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new MailferryError(
      'request-invalid',
      'cursor: is not one of this list; give `next` of the page before as it was answered',
      { cause },
    );
  }
}

/**
 * Of `limit + 1` rows that were asked for: those of the page, and the cursor of the next one where there is more.
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  place: (last: T) => unknown,
): { readonly rows: readonly T[]; readonly next: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last !== undefined ? cursorText(place(last)) : null };
}
