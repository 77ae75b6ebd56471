/** What the control side keeps: teams, domains, addresses, imports, credentials, tokens, and changes of many accounts. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { setNotes } from '../../src/state/database/account-notes.ts';
import { accountsPage, accountView } from '../../src/state/database/account-list.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import {
  addToken,
  noteTokenUse,
  revokeToken,
  tokenInForce,
  tokensPage,
} from '../../src/state/database/api-tokens.ts';
import { auditOf, auditPage, wholeAudit } from '../../src/state/database/audit.ts';
import { type BulkAction, changeMany } from '../../src/state/database/bulk-changes.ts';
import {
  credentialOf,
  masterOwner,
  removeCredential,
  setCredential,
  sidesWithSecret,
} from '../../src/state/database/credentials.ts';
import { domainsPage } from '../../src/state/database/domains.ts';
import { EnvelopeKey } from '../../src/state/database/envelope.ts';
import { eventsSince } from '../../src/state/database/events.ts';
import { importAccounts } from '../../src/state/database/import-accounts.ts';
import type { ImportRow } from '../../src/state/database/import-decision.ts';
import { putRefused } from '../../src/state/database/journal-rows.ts';
import { saveProgress } from '../../src/state/database/progress.ts';
import { refusedPage } from '../../src/state/database/refused-list.ts';
import { requestsOf } from '../../src/state/database/requests.ts';
import { type AccountFilter, resolveSelection, type Selection } from '../../src/state/database/selection.ts';
import { allServers, putServer, sawServer } from '../../src/state/database/servers.ts';
import { syncStatus } from '../../src/state/database/sync-status.ts';
import { teamsPage } from '../../src/state/database/teams.ts';
import { describeOnBoth } from './database-env.ts';

const actor = 'operator:anna';
const key = new EnvelopeKey(new Uint8Array(32).fill(7));
const canary = 'canary-Kennwort-91';
const first: { readonly after: string | null; readonly limit: number } = { after: null, limit: 100 };
const everything: AccountFilter = {
  teamId: null,
  domain: null,
  phase: null,
  trouble: null,
  paused: null,
  begins: null,
};
const everyone: Selection = { ids: [], teamIds: [], domains: [], all: true };
const attention = { code: 'login-refused', reason: 'NO', action: 'Check it.', sinceMs: 5 } as const;

const row = (address: string, more: Partial<ImportRow> = {}): ImportRow => ({
  line: 2,
  address,
  team: null,
  teamAdmin: null,
  oldLogin: null,
  newLogin: null,
  quotaBytes: null,
  aliases: [],
  oldPassword: null,
  newPassword: null,
  ...more,
});

describeOnBoth('the control side', (env) => {
  const take = (rows: readonly ImportRow[], dryRun = false) =>
    importAccounts(env.database.db, rows, { key, actor, nowMs: 1_000, dryRun });
  const many = (action: BulkAction, selection = everyone, dryRun = false) =>
    changeMany(env.database.db, selection, action, { actor, dryRun, named: 10 });
  const addresses = async (filter: Partial<AccountFilter>, page = first) =>
    (await accountsPage(env.database.db, { ...everything, ...filter }, page)).map(({ address }) => address);

  test('imports accounts with team, domain, addresses, quota and secrets', async () => {
    const { db } = env.database;
    const anna = row('anna@example.org', {
      team: 'Müller GmbH',
      oldLogin: 'anna',
      quotaBytes: 5_000,
      aliases: ['info@example.org', 'anna@example.net'],
      oldPassword: new Secret(canary),
    });
    expect(await take([anna, row('bert@example.org')])).toEqual({
      added: 2,
      updated: 0,
      unchanged: 0,
      updates: [],
      faults: [],
    });
    const view = await accountView(db, 'info@example.org');
    expect(view).toMatchObject({
      address: 'anna@example.org',
      team: 'Müller GmbH',
      domain: 'example.org',
      addresses: ['anna@example.net', 'anna@example.org', 'info@example.org'],
      oldLogin: 'anna',
      newLogin: 'anna@example.org',
      quotaBytes: 5_000,
      phase: 'old',
      secrets: new Set(['old']),
      progress: null,
    });
    const secret = await credentialOf(db, key, { owner: view.id, side: 'old' });
    expect([secret?.login, secret?.secret.reveal()]).toEqual(['anna', canary]);
    expect(await teamsPage(db, first)).toMatchObject([{ name: 'Müller GmbH', accounts: 1 }]);
    const domain = { team: 'Müller GmbH', phase: 'relayed', messagesTotal: 0, messagesDone: 0 };
    expect(await domainsPage(db, first)).toEqual([
      { ...domain, name: 'example.net', accounts: 0, teams: [], phases: {} },
      { ...domain, name: 'example.org', accounts: 2, teams: ['Müller GmbH'], phases: { old: 2 } },
    ]);
    expect((await auditOf(db, view.id, 9)).map((entry) => entry.action)).toEqual(['account.add']);
    expect(await eventsSince(db, 0, 9)).toMatchObject([{ kind: 'accounts.import', detail: { added: 2 } }]);
  });

  test('changes nothing when the same list comes again, and tells what a changed row changed', async () => {
    const { db } = env.database;
    const rows = [row('anna@example.org', { oldPassword: new Secret(canary), aliases: ['a@example.org'] })];
    await take(rows);
    const before = await auditPage(db, { ...wholeAudit, limit: 99 });
    expect(await take(rows)).toMatchObject({ added: 0, updated: 0, unchanged: 1 });
    expect(await auditPage(db, { ...wholeAudit, limit: 99 })).toEqual(before);
    const changed = [
      row('anna@example.org', { team: 'T', aliases: ['b@example.org'], oldPassword: new Secret('other') }),
    ];
    expect(await take(changed)).toMatchObject({
      updated: 1,
      updates: [{ address: 'anna@example.org', columns: ['team', 'aliases', 'old_password'] }],
    });
    const view = await accountView(db, 'anna@example.org');
    expect(view).toMatchObject({ team: 'T', addresses: ['anna@example.org', 'b@example.org'] });
    await expect(accountView(db, 'a@example.org')).rejects.toMatchObject({ code: 'account-unknown' });
    const secret = await credentialOf(db, key, { owner: view.id, side: 'old' });
    expect(secret?.secret.reveal()).toBe('other');
  });

  test('imports nothing when one row has a fault, and nothing on a dry run', async () => {
    await take([row('anna@example.org', { aliases: ['info@example.org'] })]);
    const bad = await take([
      row('new@example.org'),
      row('bert@example.org', { line: 7, aliases: ['info@example.org'] }),
    ]);
    expect(bad.faults).toEqual([
      {
        line: 7,
        column: 'aliases',
        text: {
          de: 'info@example.org gehört zu einem anderen Konto',
          en: 'info@example.org belongs to another account',
        },
        allowed: {
          de: 'eine Adresse, die kein anderes Konto hat',
          en: 'an address that no other account has',
        },
      },
    ]);
    expect(await take([row('new@example.org')], true)).toMatchObject({ added: 1 });
    expect(await addresses({})).toEqual(['anna@example.org']);
  });

  test('refuses another login for an account that was started, and takes it before', async () => {
    const { db } = env.database;
    await take([row('anna@example.org', { oldPassword: new Secret(canary) })]);
    expect(await take([row('anna@example.org', { oldLogin: 'anna' })])).toMatchObject({ updated: 1 });
    const { id } = await accountView(db, 'anna@example.org');
    expect((await credentialOf(db, key, { owner: id, side: 'old' }))?.login).toBe('anna');
    await many({ kind: 'start' });
    const { faults } = await take([row('anna@example.org', { oldLogin: 'other' })]);
    expect(faults).toMatchObject([{ line: 2, column: 'old_login' }]);
    expect(await take([row('anna@example.org', { quotaBytes: 9 })])).toMatchObject({
      updated: 1,
      faults: [],
    });
  });

  test('lists accounts by address, page by page, and by each filter', async () => {
    const { db } = env.database;
    await take(
      ['c@b.org', 'a@b.org', 'b@c.org', 'ä@b.org', 'B.x@b.org'].map((address, i) =>
        row(address, i % 2 === 0 ? { team: 'T' } : {}),
      ),
    );
    expect(await addresses({})).toEqual(['B.x@b.org', 'a@b.org', 'b@c.org', 'c@b.org', 'ä@b.org']);
    expect(await addresses({}, { after: 'a@b.org', limit: 2 })).toEqual(['b@c.org', 'c@b.org']);
    expect(await addresses({ begins: 'a' })).toEqual(['a@b.org']);
    expect(await addresses({ domain: 'c.org' })).toEqual(['b@c.org']);
    const [team] = await teamsPage(db, first);
    expect(await addresses({ teamId: team?.id ?? '' })).toEqual(['B.x@b.org', 'b@c.org', 'c@b.org']);
    const { id } = await accountView(db, 'a@b.org');
    await setNotes(db, id, { attention, paused: { by: actor, why: 'x' } }, { actor });
    expect(await addresses({ trouble: 'any' })).toEqual(['a@b.org']);
    expect(await addresses({ trouble: 'login-refused' })).toEqual(['a@b.org']);
    expect(await addresses({ trouble: 'over-quota' })).toEqual([]);
    expect(await addresses({ paused: true })).toEqual(['a@b.org']);
    await changePhase(db, { accountId: id, event: 'start', actor });
    expect(await addresses({ phase: 'copying' })).toEqual(['a@b.org']);
  });

  test('starts many accounts, each with an epoch, an audit row and an event of its own', async () => {
    const { db } = env.database;
    const names = Array.from({ length: 501 }, (_, n) => `u${n}@example.org`);
    await take(names.map((name) => row(name)));
    expect(await many({ kind: 'start' }, everyone, true)).toMatchObject({ changed: 501 });
    expect(await addresses({ phase: 'copying' })).toEqual([]);
    const events = (await eventsSince(db, 0, 999)).length;
    const result = await many({ kind: 'start' });
    expect(result).toMatchObject({ selected: 501, changed: 501, unchanged: 0 });
    expect(result.changedAddresses).toHaveLength(10);
    const views = await accountsPage(db, everything, { after: null, limit: 999 });
    expect(new Set(views.map(({ epoch }) => epoch)).size).toBe(501);
    expect(Math.max(...views.map(({ epoch }) => epoch))).toBe(1002);
    const told = await eventsSince(db, events, 999);
    expect(told).toHaveLength(501);
    const [view] = views;
    expect(told.find(({ subject }) => subject === view?.id)).toMatchObject({
      kind: 'account.phase',
      detail: { event: 'start', from: 'old', to: 'copying', epoch: view?.epoch },
    });
    expect((await auditOf(db, view?.id ?? '', 1))[0]).toMatchObject({ action: 'account.phase', actor });
    expect(await many({ kind: 'start' })).toMatchObject({
      changed: 0,
      unchanged: 501,
      unchangedAddresses: expect.arrayContaining([
        { address: expect.any(String), why: { code: 'started', phase: 'copying' } },
      ]),
    });
  });

  test('pauses, resumes and retries only those that it fits', async () => {
    const { db } = env.database;
    await take([row('a@b.org', { team: 'T' }), row('b@c.org')]);
    const { id } = await accountView(db, 'a@b.org');
    const { selection, unknown } = await resolveSelection(db, {
      accounts: ['a@b.org', 'none@b.org'],
      teams: ['T', 'no team'],
      domains: ['none.org'],
      all: false,
    });
    expect(unknown).toEqual(['none@b.org', 'no team', 'none.org']);
    expect(await many({ kind: 'pause', why: 'holiday' }, selection)).toMatchObject({
      selected: 1,
      changed: 1,
    });
    expect((await accountView(db, 'a@b.org')).paused).toEqual({ by: actor, why: 'holiday' });
    expect(await many({ kind: 'pause', why: 'x' })).toMatchObject({
      changedAddresses: ['b@c.org'],
      unchangedAddresses: [{ address: 'a@b.org', why: { code: 'paused-already' } }],
    });
    expect(await many({ kind: 'resume' })).toMatchObject({ changed: 2 });
    expect(await many({ kind: 'resume' })).toMatchObject({ changed: 0, unchanged: 2 });
    await setNotes(db, id, { attention }, { actor });
    // Kept until the login works again, it would wave through deletions that nobody has seen.
    expect(await many({ kind: 'retry', confirmDeletions: true })).toMatchObject({
      changed: 0,
      unchangedAddresses: [
        { address: 'a@b.org', why: { code: 'no-deletions-stopped', attention: attention.code } },
        {},
      ],
    });
    await setNotes(db, id, { attention: { ...attention, code: 'deletions-stopped' } }, { actor });
    expect(await many({ kind: 'retry', confirmDeletions: true })).toMatchObject({
      changedAddresses: ['a@b.org'],
      unchangedAddresses: [{ address: 'b@c.org', why: { code: 'no-trouble' } }],
    });
    expect((await accountView(db, id)).attention).toBeNull();
    expect([...(await requestsOf(db, id)).keys()]).toEqual(['confirm-deletions', 'look-now']);
    expect(await auditOf(db, id, 1)).toMatchObject([{ action: 'account.request' }]);
    // Something else went wrong before anybody could follow the deletions.
    await setNotes(db, id, { attention }, { actor });
    expect([...(await requestsOf(db, id)).keys()]).toEqual(['look-now']);
  });

  test('a confirmation covers what is found within the hour, and what comes later is asked about anew', async () => {
    const { db } = env.database;
    await take([row('a@b.org')]);
    const { id } = await accountView(db, 'a@b.org');
    await setNotes(db, id, { attention: { ...attention, code: 'deletions-stopped' } }, { actor });
    await many({ kind: 'retry', confirmDeletions: true });
    const grow = (ms: number) =>
      db
        .updateTable('account_request')
        .set((eb) => ({ at_ms: eb('at_ms', '-', ms) }))
        .execute();
    await grow(3_500_000);
    expect([...(await requestsOf(db, id)).keys()]).toContain('confirm-deletions');
    await grow(200_000);
    expect([...(await requestsOf(db, id)).keys()]).toEqual(['look-now']);
    await setNotes(db, id, { attention: { ...attention, code: 'deletions-stopped' } }, { actor });
    await many({ kind: 'retry', confirmDeletions: true });
    expect([...(await requestsOf(db, id)).keys()]).toContain('confirm-deletions');
  });

  test('what a person starts who waits for it goes first; what is started for many does not', async () => {
    const { db } = env.database;
    await take([row('a@b.org'), row('b@c.org')]);
    const [a, b] = [await accountView(db, 'a@b.org'), await accountView(db, 'b@c.org')];
    const only = { ids: [a.id], teamIds: [], domains: [], all: false };
    await changeMany(db, only, { kind: 'start' }, { actor, dryRun: false, named: 1, waits: true });
    await many({ kind: 'start' });
    expect([...(await requestsOf(db, a.id)).keys()]).toEqual(['look-now']);
    expect([...(await requestsOf(db, b.id)).keys()]).toEqual([]);
  });

  test('lists refused messages of a selection page by page, and has them tried again', async () => {
    const { db } = env.database;
    await take([row('a@b.org'), row('b@c.org')]);
    const { id } = await accountView(db, 'a@b.org');
    const message = { code: 'over-quota', reason: 'full', sizeBytes: 3, date: null, from: null, attempts: 1 };
    for (const oldUid of [4, 12]) {
      await putRefused(db, id, { ...message, mailboxId: 1, oldUid, subject: 'é\u0000', atMs: 5 });
    }
    const page = await refusedPage(db, everyone, { after: null, limit: 1 });
    expect(page).toMatchObject([{ address: 'a@b.org', oldUid: 4, subject: 'é\u0000', code: 'over-quota' }]);
    const after = { accountId: id, mailboxId: 1, oldUid: 4 };
    expect(await refusedPage(db, everyone, { after, limit: 9 })).toMatchObject([{ oldUid: 12 }]);
    const domain = { ...everyone, all: false, domains: ['c.org'] };
    expect(await refusedPage(db, domain, { after: null, limit: 9 })).toEqual([]);
    expect(await many({ kind: 'retry-refused' })).toMatchObject({ changed: 1, unchanged: 1 });
    expect([...(await requestsOf(db, id)).keys()]).toEqual(['retry-refused']);
  });

  test('counts phases, trouble, messages and lag', async () => {
    const { db } = env.database;
    await take([row('a@b.org'), row('b@c.org'), row('c@c.org')]);
    const { id } = await accountView(db, 'a@b.org');
    const other = await accountView(db, 'b@c.org');
    await changePhase(db, { accountId: id, event: 'start', actor });
    await setNotes(db, other.id, { attention, paused: { by: 'x', why: 'y' } }, { actor });
    const progress = {
      messagesTotal: 10,
      messagesDone: 6,
      messagesRefused: 1,
      mailboxes: 2,
      bytesCopied: 9_000_000_000,
      activity: 'copying',
      heardBy: 'all',
      lastPassMs: null,
    } as const;
    await saveProgress(db, [
      { ...progress, accountId: id, lagMs: 100 },
      { ...progress, accountId: other.id, lagMs: 301 },
    ]);
    expect(await syncStatus(db)).toEqual({
      accounts: 3,
      paused: 1,
      phases: { old: 2, copying: 1 },
      trouble: { 'login-refused': 1 },
      heardBy: {},
      mailboxProblems: 0,
      activities: { copying: 2 },
      // The third has no worker yet.
      uncounted: 1,
      messagesTotal: 20,
      messagesDone: 12,
      messagesRefused: 2,
      bytesCopied: 18_000_000_000,
      lagMeanMs: 201,
      lagMaxMs: 301,
      lastEvent: 3,
    });
    expect((await accountView(db, id)).progress).toMatchObject({ messagesDone: 6, lagMs: 100 });
    const sums = { messagesTotal: 10, messagesDone: 6 };
    expect(await domainsPage(db, { after: null, limit: 9 })).toMatchObject([
      { name: 'b.org', phases: { copying: 1 }, ...sums },
      { name: 'c.org', phases: { old: 2 }, ...sums },
    ]);
    // A worker that has only begun has not counted; one that found nothing has.
    const nothing = { ...progress, messagesTotal: 0, messagesDone: 0, lagMs: null };
    await saveProgress(db, [{ ...nothing, accountId: id }]);
    expect((await syncStatus(db)).uncounted).toBe(2);
    await saveProgress(db, [{ ...nothing, accountId: id, lastPassMs: 1 }]);
    expect((await syncStatus(db)).uncounted).toBe(1);
  });

  test('keeps secrets sealed, and replaces and removes them', async () => {
    const { db } = env.database;
    const master = { owner: masterOwner, side: 'old' } as const;
    expect(await credentialOf(db, key, master)).toBeNull();
    await setCredential(db, key, { ...master, login: 'root', secret: new Secret('before') }, actor);
    await setCredential(db, key, { ...master, login: 'sync', secret: new Secret(canary) }, actor);
    const found = await credentialOf(db, key, master);
    expect([found?.login, found?.secret.reveal()]).toEqual(['sync', canary]);
    const stored = await db.selectFrom('credential').selectAll().execute();
    const told = [await auditOf(db, masterOwner, 9), await eventsSince(db, 0, 9), stored];
    expect(JSON.stringify(told)).not.toContain(canary);
    await sql`update credential set side = 'new'`.execute(db);
    const moved = credentialOf(db, key, { owner: masterOwner, side: 'new' });
    await expect(moved).rejects.toMatchObject({ code: 'secret-unreadable' });
    expect(await sidesWithSecret(db, [masterOwner])).toEqual(new Map([[masterOwner, new Set(['new'])]]));
    await removeCredential(db, { owner: masterOwner, side: 'new' }, actor);
    expect(await sidesWithSecret(db, [masterOwner])).toEqual(new Map([[masterOwner, new Set()]]));
  });

  test('knows tokens that are in force, and no others', async () => {
    const { db } = env.database;
    const make = (name: string, expiresAtMs: number | null) =>
      addToken(db, { name, scopes: ['audit:read'], expiresAtMs }, (id) => `hash of ${id}`, actor, 1_000);
    const good = await make('script', null);
    const late = await make('late', 1_000);
    expect(await tokenInForce(db, good)).toMatchObject({
      name: 'script',
      hash: `hash of ${good}`,
      lastUsedMs: null,
    });
    expect(await tokenInForce(db, late)).toBeNull();
    await noteTokenUse(db, good);
    expect((await tokenInForce(db, good))?.lastUsedMs).toBeGreaterThan(1_700_000_000_000);
    await revokeToken(db, good, actor);
    await revokeToken(db, good, actor);
    expect(await tokenInForce(db, good)).toBeNull();
    expect((await auditOf(db, good, 9)).map(({ action }) => action)).toEqual([
      'token.revoke',
      'token.create',
    ]);
    await expect(revokeToken(db, 'x', actor)).rejects.toMatchObject({ code: 'token-unknown' });
    const ids = (await tokensPage(db, { before: null, limit: 9 })).map(({ id }) => id).sort();
    expect(ids).toEqual([good, late].sort());
    expect(JSON.stringify(await tokensPage(db, { before: null, limit: 9 }))).not.toContain('hash');
  });

  test('forgets what a server could do when another one takes its place', async () => {
    const { db } = env.database;
    const old = { side: 'old', host: 'o', port: 993, limits: { connections: 5 } } as const;
    await putServer(db, old, actor);
    await putServer(db, { ...old, side: 'new', host: 'n' }, actor);
    await sawServer(db, 'old', ['IDLE']);
    await putServer(db, old, actor);
    expect(await auditOf(db, 'old', 9)).toHaveLength(1);
    await putServer(db, { ...old, limits: {} }, actor);
    expect(await allServers(db)).toMatchObject([
      { side: 'old', host: 'o', limits: {}, capabilities: ['IDLE'], seenAtMs: expect.any(Number) },
      { side: 'new', host: 'n', capabilities: null, seenAtMs: null },
    ]);
    await putServer(db, { ...old, host: 'p' }, actor);
    expect((await allServers(db))[0]).toMatchObject({ host: 'p', capabilities: null, seenAtMs: null });
  });

  test('gives an account that is added alone its address and domain', async () => {
    const { db } = env.database;
    const id = await addAccount(db, { address: 'a@b.org', oldLogin: 'a', newLogin: 'a' }, actor, 1_000);
    expect(await accountView(db, id)).toMatchObject({ domain: 'b.org', addresses: ['a@b.org'], team: null });
    expect(await domainsPage(db, { after: 'a', limit: 9 })).toMatchObject([{ name: 'b.org', accounts: 1 }]);
    expect(await domainsPage(db, { after: 'b.org', limit: 9 })).toEqual([]);
  });
});
