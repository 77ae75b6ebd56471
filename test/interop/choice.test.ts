/** `--mailbox`, `--exclude` and `--map` where they contradict themselves or what an earlier run did, between real servers. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dovecot, LabUser } from '../lab/dovecot.ts';
import { accountOf, actAs, mailferry, pairOptions, passwordsOf, plainUrl } from './mailferry.ts';
import { startTwoDovecots, type TwoDovecots } from './two-dovecots.ts';

const userNamed = (name: string): LabUser => ({ name: `${name}@example.org`, password: 'lab-geheim' });
const [chosen, mapped, late] = ['chosen', 'mapped', 'late'].map(userNamed) as [LabUser, LabUser, LabUser];
const env = passwordsOf(chosen);
let lab: TwoDovecots;
let old: Dovecot;
let fresh: Dovecot;

beforeAll(async () => {
  const users = [chosen, mapped, late];
  lab = await startTwoDovecots(...users);
  ({ old, fresh } = lab);
  for (const user of users) {
    const imap = await actAs(old, user);
    for (const name of ['INBOX', 'Projekt', 'Projekt/2024']) {
      if (name !== 'INBOX') await imap.create(name);
      const date = name === 'Projekt/2024' ? '10-Aug-2024 12:00:00 +0200' : '10-Aug-2012 12:00:00 +0200';
      await imap.append(name, Buffer.from(`Subject: ${name}\r\n\r\n${name}\r\n`), { date });
    }
    await imap.logout();
  }
});
afterAll(() => lab?.stop());

const run = (verb: string, user: LabUser, ...more: readonly string[]) =>
  mailferry([...verb.split(' '), ...pairOptions(old, fresh, user, join(lab.dir, user.name)), ...more], env);
const namesOn = async (server: Dovecot, user: LabUser) => [...(await accountOf(server, user)).keys()].sort();

test.each([['copy'], ['copy --dry-run'], ['verify']])(
  '%s refuses options that leave no mailbox',
  async (verb) => {
    for (const options of [
      ['--mailbox', 'Projekt', '--exclude', 'Projekt'],
      ['--exclude', 'INBOX', 'Projekt', 'Projekt/2024'],
    ]) {
      const ran = await run(verb, chosen, ...options, '--json');
      expect([ran.code, ran.last().code]).toEqual([2, 'usage']);
      expect(ran.stderr).toContain('--mailbox and --exclude leave nothing');
    }
    expect(await namesOn(fresh, chosen)).toEqual(['INBOX']);
  },
);

test('one that is both chosen and left out is left out, where another remains', async () => {
  const ran = await run('copy', chosen, '--mailbox', 'INBOX', 'Projekt', '--exclude', 'Projekt', '--json');
  expect([ran.code, ran.last().messages]).toMatchObject([0, { total: 1, copied: 1 }]);
});

describe('--map for a mailbox that an earlier run put elsewhere', () => {
  test('is not followed, and a note says which mapping is kept and how to change it', async () => {
    expect((await run('copy', mapped, '--map', 'Projekt=Arbeit')).code).toBe(0);
    expect(await namesOn(fresh, mapped)).toContain('Arbeit');
    for (const verb of ['copy', 'copy --dry-run', 'verify']) {
      const json = await run(verb, mapped, '--map', 'Projekt=Werk', '--json');
      expect(json.code).toBe(0);
      const notices = json.lines().filter(({ type }) => type === 'notice');
      expect(notices.map(({ code }) => code)).toEqual(['mapping-kept']);
      expect(notices[0]?.text).toContain('"Projekt" stays in "Arbeit"');
      const text = await run(verb, mapped, '--map', 'Projekt=Werk');
      expect(text.stderr).toContain('note: --map: "Projekt" stays in "Arbeit"');
      expect(text.stderr).toContain('rename the mailbox on the new server');
    }
    expect(await namesOn(fresh, mapped)).not.toContain('Werk');
  });

  test('needs no note while it says what was done', async () => {
    const same = await run('copy', mapped, '--map', 'Projekt=Arbeit');
    expect([same.code, same.stderr]).toEqual([0, '']);
  });

  test('is followed by renaming it on new, as the note says', async () => {
    const imap = await actAs(fresh, mapped);
    await imap.rename('Arbeit', 'Werk');
    await imap.logout();
    const ran = await run('copy', mapped, '--map', 'Projekt=Werk', '--json');
    expect([ran.code, ran.last().messages]).toMatchObject([0, { copied: 0, present: 3 }]);
    const again = await run('copy', mapped, '--map', 'Projekt=Werk');
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(await namesOn(fresh, mapped)).not.toContain('Arbeit');
  });

  test('is followed where the mailbox was never created on new', async () => {
    // Nothing in it was in range, so it only has a place in the plan.
    const choice = ['--mailbox', 'INBOX', 'Projekt'];
    const some = await run('copy', late, ...choice, '--since', '2024-01-01', '--json');
    expect([some.code, await namesOn(fresh, late)]).toEqual([0, ['INBOX']]);
    const ran = await run('copy', late, ...choice, '--map', 'Projekt=Arbeit');
    expect([ran.code, ran.stderr.includes('note:')]).toEqual([0, false]);
    expect(await namesOn(fresh, late)).toEqual(['Arbeit', 'INBOX']);
  });
});

test('ls with a mailbox behind the host names no option that it does not have', async () => {
  const ran = await mailferry(['ls', `${plainUrl(old, chosen)}/INBOX`], env);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain('nothing follows the host: all mailboxes are listed');
  const copy = await mailferry(
    ['copy', '--from', `${plainUrl(old, chosen)}/INBOX`, '--to', plainUrl(fresh, chosen)],
    env,
  );
  expect([copy.code, copy.stderr.includes('--mailbox')]).toEqual([2, true]);
});
