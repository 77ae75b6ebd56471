import { expect, test } from 'vitest';
import { Secret } from '../../base/secret.ts';
import { mailboxPasswordHash, passwordHash, passwordMatches } from './password-hash.ts';

/** How often the event loop came round while this went on, and how long it stood still at most. */
async function turnsDuring<T>(work: () => Promise<T>): Promise<{ turns: number; result: T }> {
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  const result = await work();
  over = true;
  return { turns, result };
}

test('a password is hashed beside the event loop, which goes on', async () => {
  const password = new Secret('correct horse battery');
  const made = await turnsDuring(() => passwordHash(password));
  const compared = await turnsDuring(() => passwordMatches(password, made.result));
  const unknown = await turnsDuring(() => passwordMatches(password, null));
  expect([compared.result, unknown.result]).toEqual([true, false]);
  // A tenth of a second of other people's requests; done on the event loop there would be one or two.
  for (const { turns } of [made, compared, unknown]) expect(turns).toBeGreaterThan(50);
});

test('it matches however its letters are composed; a mailbox’s does not, as servers compare octets', async () => {
  const [composed, apart] = ['Ge\u0308heim'.normalize('NFC'), 'Ge\u0308heim'].map((text) => new Secret(text));
  if (composed === undefined || apart === undefined) throw new Error('there are two');
  expect(await passwordMatches(apart, await passwordHash(composed))).toBe(true);
  expect(await passwordMatches(apart, await mailboxPasswordHash(apart))).toBe(false);
  expect(await passwordMatches(new Secret('other'), await passwordHash(composed))).toBe(false);
});

test('a row that somebody changed takes no more memory or time than we allow', async () => {
  const hash = await passwordHash(new Secret('x'));
  for (const wrong of [hash.replace('m=65536', 'm=999999'), hash.replace('t=3', 't=99'), 'nothing'])
    expect(await passwordMatches(new Secret('x'), wrong)).toBe(false);
});
