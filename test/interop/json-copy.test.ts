/** What docs/reference/cli.md says of `--json` of copy, verify and ls is what they print against real servers. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actAs, mailferry, pairOptions, passwordsOf, plainUrl } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/reference/cli.md'), 'utf8');
const user = { name: 'anna@example.org', password: 'lab-geheim' };
let lab: TwoDovecots;
let pair: string[];

beforeAll(async () => {
  lab = await startTwoDovecots(user);
  pair = pairOptions(lab.old, lab.fresh, user, join(lab.dir, 'state'));
  const old = await actAs(lab.old, user);
  for (const mailbox of ['INBOX', 'Rechnungen', 'Briefe']) {
    if (mailbox !== 'INBOX') await old.command([`CREATE ${mailbox}`]);
    await old.append(mailbox, Buffer.from(`From: a@b\r\nSubject: ${mailbox}\r\n\r\nx\r\n`));
  }
  await old.logout();
});
afterAll(() => lab?.stop());

/** The names of all fields under a heading: in tables as `one[].two`, `.three`; in a fence as "one". */
function documented(heading: string): Set<string> {
  const from = page.indexOf(`\n### ${heading}\n`);
  expect([heading, from > 0]).toEqual([heading, true]);
  const section = page.slice(from + 5).split(/\n##+ /)[0] ?? '';
  const [prose, fences] = [
    section.replace(/^```[\s\S]*?^```/gm, ''),
    section.match(/^```[\s\S]*?^```/gm) ?? [],
  ];
  const types = fences.flatMap((fence) =>
    [...fence.matchAll(/"type":"([^"]+)"/g)].map(([, type = '']) => type),
  );
  const ticked = [...prose.matchAll(/`([^`]+)`/g)].flatMap(([, text = '']) => text.split(/[.[\]]+/));
  return new Set([...types, ...ticked].filter((word) => /^[A-Za-z0-9-]+$/.test(word)));
}

/** Fields whose keys are words, such as the classes of a difference. */
const maps = new Set(['differences']);

function words(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(words);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, below]) => [
    name,
    ...(maps.has(name) && !Array.isArray(below) ? [] : words(below)),
  ]);
}

async function printed(verb: string, ...more: string[]) {
  const ran = await mailferry([verb, ...pair, ...more, '--json'], passwordsOf(user));
  expect([ran.code, ran.stderr.includes('mailferry:')]).toEqual([0, false]);
  return ran.lines();
}

/** Every field that came is on the page, and so is every type. */
function told(heading: string, lines: readonly Record<string, unknown>[], least: readonly string[]) {
  const known = documented(heading);
  const came = new Set(lines.flatMap(({ type, ...rest }) => [String(type), ...words(rest)]));
  expect([...came].filter((word) => !known.has(word))).toEqual([]);
  expect(least.filter((word) => !came.has(word))).toEqual([]);
}

test('a dry run, a copy, and a second one that finds changes', async () => {
  const dry = await printed('copy', '--dry-run');
  expect(dry).toHaveLength(1);
  told('`copy --dry-run --json`', dry, ['willBeCreated', 'largestBytes', 'blockers', 'removals']);
  const first = await printed('copy');
  const least = ['listed', 'mailbox-started', 'progress', 'mailbox-done', 'summary', 'copied', 'adopted'];
  told('`copy --json`', first, least);
  const old = await actAs(lab.old, user);
  await old.append('Rechnungen', Buffer.from('Subject: again\r\n\r\nx\r\n'));
  await old.logout();
  told('`copy --json`', await printed('copy'), ['summary']);
});

test('verify, with a difference', async () => {
  const fresh = await actAs(lab.fresh, user);
  await fresh.append('INBOX', Buffer.from('Subject: only there\r\n\r\nx\r\n'));
  await fresh.logout();
  told('`verify --json`', await printed('verify', '--deep'), [
    'difference',
    'sha256Prefix',
    'mailbox-done',
    'summary',
    'matched',
  ]);
});

test('ls', async () => {
  const env = { MAILFERRY_PASSWORD: user.password };
  const { code, ...ran } = await mailferry(['ls', plainUrl(lab.old, user), '--json'], env);
  expect(code).toBe(0);
  told('`ls --json`', ran.lines(), ['listing', 'mailboxes', 'rawName', 'abilities', 'multiAppend']);
});
