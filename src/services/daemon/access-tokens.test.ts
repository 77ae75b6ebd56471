import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import type { Credentials } from '../../sync/index.ts';
import { AccessTokens } from './access-tokens.ts';

let dir: string;
const clock = new FakeClock({ mode: 'manual' });
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-tokens-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const anna = { id: 'a', address: 'anna@example.org' };
const john = { id: 'j', address: 'john@example.org' };

/** A program that answers with `more`, gives a token that nobody had before, and writes down what it was asked. */
function program(more: object, tail = ''): { readonly tokens: AccessTokens; asked(): object[] } {
  const file = join(dir, 'program.mjs');
  const log = join(dir, 'asked');
  writeFileSync(
    file,
    `import { appendFileSync, readFileSync } from 'node:fs';
const input = readFileSync(0, 'utf8');
appendFileSync(${JSON.stringify(log)}, input);
const n = readFileSync(${JSON.stringify(log)}, 'utf8').trim().split('\\n').length;
const answer = { access_token: 'canary-token-' + n, ...${JSON.stringify(more)} };
console.log(JSON.stringify(answer));
${tail}`,
  );
  return {
    tokens: new AccessTokens('old', { command: [process.execPath, file], seconds: 20 }, clock),
    asked: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as object)
        : [],
  };
}

const revealed = (credentials: Credentials) =>
  credentials.kind === 'token' ? credentials.token.reveal() : 'no token';
const tokenOf = async (tokens: AccessTokens, account = anna) => {
  const credentials = tokens.credentials(account, account.address);
  return revealed(await (credentials?.current() ?? Promise.reject(new Error('no tokens'))));
};

test('a token is kept until shortly before it runs out, and is one account’s', async () => {
  const { tokens, asked } = program({ expires_in: 3600 });
  expect(await tokenOf(tokens)).toBe('canary-token-1');
  expect(await tokenOf(tokens)).toBe('canary-token-1');
  expect(await tokenOf(tokens, john)).toBe('canary-token-2');
  await clock.advance(3_569_000);
  expect(await tokenOf(tokens)).toBe('canary-token-1');
  await clock.advance(2_000);
  expect(await tokenOf(tokens)).toBe('canary-token-3');
  expect(asked()[1]).toEqual({ side: 'old', address: 'john@example.org', login: 'john@example.org' });
});

test('one that is refused is asked for once more where it was kept, and not where it has just come', async () => {
  const { tokens } = program({ expires_in: 3600 });
  const credentials = tokens.credentials(anna, 'anna');
  expect(revealed((await credentials?.current()) as Credentials)).toBe('canary-token-1');
  expect(credentials?.refused()).toBe(false);
  expect(revealed((await credentials?.current()) as Credentials)).toBe('canary-token-2');
  expect(revealed((await credentials?.current()) as Credentials)).toBe('canary-token-2');
  expect(credentials?.refused()).toBe(true);
  expect(revealed((await credentials?.current()) as Credentials)).toBe('canary-token-3');
});

test('one for all accounts is asked for once, however many wait for it', async () => {
  const { tokens, asked } = program({ expires_in: 3600, all_accounts: true });
  const many = Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, address: `u${i}@example.org` }));
  const got = new Set(await Promise.all(many.map((account) => tokenOf(tokens, account))));
  // So many programs run at once.
  expect(asked().length).toBeLessThanOrEqual(4);
  expect(got.size).toBeLessThanOrEqual(4);
  expect(await tokenOf(tokens, john)).toMatch(/^canary-token-[1-4]$/);
});

test.each([
  ['fails', {}, 'console.error("the directory is closed"); process.exit(3)', /the directory is closed/],
  ['says strange things', {}, 'console.error("a\\u202eb\\n\\u0007c"); process.exit(3)', /a.?b c|ab c|a b c/],
  ['answers without a token', { access_token: null }, '', /not as RFC 6749/],
  ['answers with a token that fits no line', { access_token: 'a\r\nb' }, '', /not as RFC 6749/],
  ['says more than one object', {}, 'console.log("{}")', /not as RFC 6749/],
])(
  'a program that %s is told in its own words, and none of what may be a token',
  async (_what, more, tail, why) => {
    const { tokens } = program(more, tail);
    const error = await tokenOf(tokens).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'access-token-missing', side: 'old' });
    expect(String(error)).toMatch(why);
    expect(String(error)).toContain('anna@example.org');
    expect(String(error)).not.toContain('canary');
  },
);

test('a file is read anew for each login', async () => {
  const file = join(dir, 'token');
  const tokens = new AccessTokens('new', { command: [], file, seconds: 20 }, clock);
  await expect(tokenOf(tokens)).rejects.toMatchObject({ code: 'access-token-missing' });
  writeFileSync(file, 'first\n');
  expect(await tokenOf(tokens)).toBe('first');
  writeFileSync(file, 'second\n');
  expect(await tokenOf(tokens)).toBe('second');
  writeFileSync(file, 'two words');
  await expect(tokenOf(tokens)).rejects.toThrow('holds no token');
});

test('a side without either has none', () => {
  expect(new AccessTokens('old', { command: [], seconds: 20 }, clock).credentials(anna, 'anna')).toBeNull();
});
