import { expect, it } from 'vitest';
import { z } from 'zod';
import { faultWords, unreadableWords } from './fault-words.ts';

const form = z
  .strictObject({
    limit: z.coerce.number().int().min(1).max(1_000).default(1),
    phase: z.enum(['old', 'copying']).default('old'),
    paused: z.stringbool().optional(),
    names: z.array(z.string().min(1).max(3)).max(2).default([]),
    at: z.iso.datetime().optional(),
    url: z.url().optional(),
    choice: z.union([z.strictObject({ a: z.string() }), z.strictObject({ b: z.int() })]).optional(),
    code: z.string().regex(/^\d+$/, 'has to be digits').optional(),
    login: z.string(),
  })
  .refine((one) => one.login !== 'nobody', { error: 'names nobody' });

/** As the API's own validation hands them on. */
function told(value: unknown): string[] {
  const { error } = form.safeParse(value);
  return (error?.issues ?? []).map(({ code, path, message, ...params }) =>
    faultWords({ keyword: code, instancePath: `/${path.join('/')}`, message, params }, 'body'),
  );
}

it.each([
  [{ limit: 0 }, ['limit: has to be 1 or more']],
  [{ limit: 1_001 }, ['limit: has to be 1000 or less']],
  [{ limit: 'many' }, ['limit: has to be a number']],
  [{ phase: 'nowhere' }, ['phase: has to be one of old, copying']],
  [{ paused: 'perhaps' }, ['paused: has to be true or false']],
  [{ names: ['', 'four'] }, ['names.0: is empty', 'names.1: has to have at most 3 characters']],
  [{ names: ['a', 'b', 'c'] }, ['names: has to hold at most 2']],
  [{ names: 'a' }, ['names: has to be a list']],
  [{ at: 'today' }, ['at: has to be a time with its zone, such as 2026-12-01T22:00:00Z']],
  [{ url: 'x' }, ['url: has to be an address such as https://mail.example.org']],
  [{ choice: 1 }, ['choice: has none of the forms that are taken here']],
  [{ code: 'x' }, ['code: has to be digits']],
  [{ colour: 1, size: 2 }, ['colour: is not known here; size: is not known here']],
  [{ login: undefined }, ['login: is missing: a text']],
  [{ login: 'nobody' }, ['the body: names nobody']],
])('%j is told in plain words', (value, words) => {
  expect(told({ login: 'anna', ...value })).toEqual(words);
});

it('says of a body that is no object that it has to be one', () => {
  expect(told([])).toEqual(['the body: has to be an object']);
});

it('cuts long names, and takes control characters out of them', () => {
  const name = `\u001b[2J${'x'.repeat(500)}`;
  const [words = ''] = told({ login: 'anna', [name]: 1 });
  expect(words.length).toBeLessThan(100);
  expect(words).not.toContain('\u001b');
});

it.each([
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 415],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 400],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 400],
  [undefined, 400],
])('no code of a library is told for %s', (code, status) => {
  expect(unreadableWords(code, status)).not.toMatch(/FST|\d{3}/);
});
