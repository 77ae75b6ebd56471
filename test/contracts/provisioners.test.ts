/** The adapters that make accounts on new: a program of the operator's, and mailcow's API as it is published. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { CommandHashes, CommandProvisioner, MailcowProvisioner } from '../../src/provisioning/index.ts';
import { type MailcowReplay, startMailcowReplay } from '../lab/mailcow-replay.ts';

const dir = mkdtempSync(join(tmpdir(), 'mf-provisioners-'));
afterAll(() => rmSync(dir, { recursive: true }));
const { signal } = new AbortController();
const hash = `{SHA512-CRYPT}$6$Salz1234$${'q'.repeat(86)}`;
const account = {
  id: 'id-1',
  address: 'anna@example.org',
  login: 'anna@example.org',
  aliases: ['info@example.org'],
  quotaBytes: 2 * 1024 ** 3,
  hash: new Secret(hash),
  hashBefore: null,
};
const really = { dryRun: false, signal };

describe('a program', () => {
  let n = 0;
  const program = (script: string) => {
    const file = join(dir, `program-${n++}`);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const made = (script: string, deadlineMs = 5_000) => new CommandProvisioner([program(script)], deadlineMs);
  const fault = async (script: string, deadlineMs?: number) => {
    const error = await made(script, deadlineMs)
      .ensure(account, really)
      .then(
        () => expect.fail('it went well'),
        (why: unknown) => why as { readonly code: string; readonly message: string },
      );
    expect(error.message).not.toContain('q'.repeat(20));
    return error;
  };

  test('gets one JSON object, and says what it did', async () => {
    const file = join(dir, 'got');
    const { changes } = await made(
      `cat > ${file}; env > ${file}.env; echo '{"changes":["create","quota"]}'`,
    ).ensure(account, really);
    expect(changes).toEqual(['create', 'quota']);
    const { hash: _, hashBefore, ...rest } = account;
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      version: 1,
      do: 'ensure',
      account: { ...rest, passwordHash: hash, passwordHashBefore: hashBefore },
    });
    expect(readFileSync(`${file}.env`, 'utf8')).not.toMatch(/^(HOME|NODE|VITEST|MAILFERRY)/m);
  });

  test('a dry run does not call it', async () => {
    const file = join(dir, 'called');
    const { changes } = await made(`touch ${file}`).ensure(account, { dryRun: true, signal });
    expect(changes).toEqual(['call the program']);
    expect(existsSync(file)).toBe(false);
  });

  test('75 is tried again later; another code waits for a person, with what it says', async () => {
    expect(await fault('echo "the server is away" >&2; exit 75')).toMatchObject({
      code: 'provisioning-pending',
      message: 'command: ended with 75: the server is away',
    });
    expect(await fault('echo "no such domain" >&2; exit 3')).toMatchObject({
      code: 'provisioning-refused',
      message: 'command: ended with 3: no such domain',
    });
  });

  test('one that is not there, or may not be run, is told', async () => {
    const missing = new CommandProvisioner([join(dir, 'nothing')], 1_000);
    await expect(missing.ensure(account, really)).rejects.toMatchObject({
      code: 'provisioning-refused',
      message: expect.stringMatching(/cannot be started.*ENOENT/),
    });
  });

  test('one that takes too long is ended, with all that it started', async () => {
    const file = join(dir, 'child');
    const startedAt = Date.now();
    const error = await fault(`(sleep 2; touch ${file}) & wait`, 300);
    expect(error).toMatchObject({
      code: 'provisioning-pending',
      message: 'command: has not answered in time',
    });
    expect(Date.now() - startedAt).toBeLessThan(1_800);
    await new Promise((resolve) => setTimeout(resolve, 2_300));
    expect(existsSync(file)).toBe(false);
  });

  test('one that prints without end is ended', async () => {
    expect(await fault('yes', 20_000)).toMatchObject({
      code: 'provisioning-refused',
      message: 'command: printed too much',
    });
  });

  test('one that repeats the hash, controls a terminal or writes pages says it in one clean line', async () => {
    const { message } = await fault(
      `cat >&2; printf '\\033[2J\\nhash ${hash.slice(-60)}\\n' >&2; head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1`,
    );
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(400);
  });

  test.each([['echo nonsense'], ['true'], ['echo \'{"changes":5}\''], ["echo '[]'"]])(
    'an answer that is none is told: %s',
    async (script) => {
      expect(await fault(script)).toMatchObject({ code: 'provisioning-refused' });
    },
  );

  test('it is asked whether it would', async () => {
    const script = 'grep -q \'"do":"test"\' && echo \'{"text":"LDAP 1.0"}\'';
    expect(await made(script).test(signal)).toEqual({ text: 'LDAP 1.0' });
    await expect(made('exit 75').test(signal)).rejects.toMatchObject({ code: 'provisioning-pending' });
  });

  test('hashes of old come from one as well', async () => {
    const script = `grep -q '"login":"anna"' && echo '{"hash":"${hash}"}' || echo '{"hash":null}'`;
    const reader = new CommandHashes([program(script)], 5_000);
    expect((await reader.hashOf('anna', signal))?.reveal()).toBe(hash);
    expect(await reader.hashOf('bela', signal)).toBeNull();
    const broken = new CommandHashes([program(`echo '{"hash":"${hash}"'`)], 5_000);
    const error = await broken.hashOf('anna', signal).catch((why: Error) => why);
    expect(error).toMatchObject({ code: 'provisioning-pending' });
    expect((error as Error).message).not.toContain(hash.slice(-20));
  });
});

describe('mailcow, by a server that answers in the forms of its published API', () => {
  let replay: MailcowReplay;
  const made = (key = 'the-key') =>
    new MailcowProvisioner({ url: replay.url, caPem: null, key: new Secret(key), deadlineMs: 2_000 });
  const replica = (login: string) => replay.mailboxes.get(login)?.password;
  const changed = () => replay.calls.filter(({ method }) => method === 'POST').map(({ path }) => path);

  beforeEach(async () => {
    replay = await startMailcowReplay('the-key', ['example.org']);
  });
  afterEach(() => replay.close());

  test('an account is made with quota, hash and aliases, and made again is left alone', async () => {
    const changes = ['create', 'alias info@example.org'];
    expect(await made().ensure(account, { dryRun: true, signal })).toMatchObject({ changes });
    expect(changed()).toEqual([]);
    expect(await made().ensure(account, really)).toMatchObject({ changes });
    expect(replay.mailboxes.get('anna@example.org')).toEqual({ quota: 2 * 1024 ** 3, password: hash });
    expect(replay.aliases.get('info@example.org')).toBe('anna@example.org');
    const before = changed().length;
    expect(await made().ensure({ ...account, hashBefore: new Secret(hash) }, really)).toMatchObject({
      changes: [],
    });
    expect(changed()).toHaveLength(before);
  });

  test('a quota that differs is set; a password only where old has changed it since', async () => {
    await made().ensure(account, really);
    const other = new Secret(`{SHA512-CRYPT}$6$x$${'r'.repeat(86)}`);
    // It was there before: nothing of ours is on it.
    expect(await made().ensure({ ...account, hash: other }, really)).toEqual({ changes: [], hash: null });
    expect(replay.mailboxes.get('anna@example.org')?.password).toBe(hash);
    const next = { ...account, quotaBytes: 1024 ** 3, hash: other, hashBefore: new Secret(hash) };
    expect(await made().ensure(next, really)).toEqual({ changes: ['quota', 'password'], hash: other });
    expect(replay.mailboxes.get('anna@example.org')).toEqual({ quota: 1024 ** 3, password: other.reveal() });
  });

  test('without a password nobody has the one that it is made with', async () => {
    const first = await made().ensure({ ...account, hash: null }, really);
    await made().ensure(
      { ...account, login: 'bela@example.org', address: 'bela@example.org', aliases: [], hash: null },
      really,
    );
    const passwords = [...replay.mailboxes.values()].map(({ password }) => password);
    expect(passwords).toEqual([expect.stringMatching(/^.{40,}$/), expect.stringMatching(/^.{40,}$/)]);
    expect(passwords[0]).not.toBe(passwords[1]);
    // Once there is one, it takes its place.
    const { changes } = await made().ensure({ ...account, hashBefore: first.hash }, really);
    expect([changes, replica(account.login)]).toEqual([['password'], hash]);
  });

  test('what it refuses is told in its words, without what it repeats of the request', async () => {
    const refusal = (one: Partial<typeof account>) =>
      made()
        .ensure({ ...account, ...one }, really)
        .catch((why: unknown) => why as { readonly message: string });
    expect(await refusal({ login: 'anna@other.org' })).toMatchObject({
      code: 'provisioning-refused',
      message: 'mailcow: domain_not_found',
    });
    expect(await refusal({ quotaBytes: 1024 ** 4 })).toMatchObject({
      code: 'provisioning-refused',
      message: 'mailcow: mailbox_quota_exceeded',
    });
    expect(await refusal({ login: 'anna' })).toMatchObject({
      message: expect.stringMatching(/a login there is an address/),
    });
    replay.aliases.set('info@example.org', 'somebody@example.org');
    expect(await refusal({})).toMatchObject({ message: expect.stringMatching(/goes to somebody else/) });
  });

  test('while it is away, does not let in, or answers with something else, it is tried again later', async () => {
    const later = async (work: Promise<unknown>, message: RegExp) =>
      expect(await work.catch((why: unknown) => why)).toMatchObject({
        code: 'provisioning-pending',
        message: expect.stringMatching(message),
      });
    await later(made('wrong').ensure(account, really), /answers 401: authentication failed/);
    replay.next = { status: 502, text: '<html>bad gateway</html>' };
    await later(made().ensure(account, really), /answers 502/);
    replay.next = { status: 200, text: '<html>log in</html>' };
    await later(made().ensure(account, really), /no JSON/);
    replay.next = { status: 302, text: '' };
    await later(made().ensure(account, really), /answers 302/);
    expect(replay.mailboxes.size).toBe(0);
    const gone = made();
    await replay.close();
    await later(gone.ensure(account, really), /does not answer/);
  });

  test('it is asked for its version', async () => {
    expect(await made().test(signal)).toEqual({ text: 'mailcow 2025-09b' });
    await expect(made('wrong').test(signal)).rejects.toMatchObject({ code: 'provisioning-pending' });
  });
});
