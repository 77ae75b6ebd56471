/** What edges pull and say, on both databases. */
import { describe, expect, it } from 'vitest';
import type { HostReport } from '../../src/domain/host-report.ts';
import { addAccount, changePhase } from '../../src/state/database/accounts.ts';
import { auditPage, wholeAudit } from '../../src/state/database/audit.ts';
import {
  addEdge,
  allEdges,
  enrolEdge,
  enrolledEdge,
  noteEdge,
  noteReport,
  removeEdge,
} from '../../src/state/database/edges.ts';
import { eventsSince } from '../../src/state/database/events.ts';
import { edgeRowsAfter, latestEpoch } from '../../src/state/database/edge-rows.ts';
import { describeOnBoth } from './database-env.ts';

const actor = 'operator';
const codeForMs = 60_000;

describeOnBoth('rows for edges', (env) => {
  const add = (name: string) =>
    addAccount(env.database.db, { address: `${name}@example.org`, oldLogin: name, newLogin: name }, actor, 0);
  const after = (epoch: number, limit = 100) =>
    edgeRowsAfter(env.database.db, { side: 'old', after: epoch, limit });

  it('are a snapshot from nothing, and what changed from then on', async () => {
    const [anna, bela] = [await add('anna'), await add('bela')];
    const first = await after(0);
    expect(first.rows.map(({ id, phase }) => [id, phase])).toEqual([
      [anna, 'old'],
      [bela, 'old'],
    ]);
    expect(first.rows[0]).toMatchObject({
      addresses: ['anna@example.org'],
      oldLogin: 'anna',
      appPasswords: [],
    });
    expect(first.upTo).toBe(first.latest);
    expect((await after(first.upTo)).rows).toEqual([]);
    await changePhase(env.database.db, { accountId: anna, event: 'start', actor });
    const second = await after(first.upTo);
    expect(second.rows.map(({ id, phase }) => [id, phase])).toEqual([[anna, 'copying']]);
    expect(second.upTo).toBe(await latestEpoch(env.database.db));
  });

  it('come in pages that together are everything', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await add(name);
    const seen: string[] = [];
    for (let epoch = 0; ; ) {
      const page = await after(epoch, 2);
      seen.push(...page.rows.flatMap(({ addresses }) => addresses));
      epoch = page.upTo;
      if (page.upTo === page.latest) break;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.org`));
  });
});

describeOnBoth('edges', (env) => {
  const code = (n: number) => n.toString(16).padStart(64, '0');
  const add = (name: string, n: number) =>
    addEdge(env.database.db, { side: 'old', name, codeHash: code(n), codeForMs }, actor, 0);
  const enrol = (n: number) =>
    enrolEdge(env.database.db, { codeHash: code(n), version: '1' }, (id) => `hash of ${id}`);

  it('are named in the audit log while they are there', async () => {
    const { db } = env.database;
    const id = await add('mx1', 1);
    const names = async () => (await auditPage(db, { ...wholeAudit, limit: 9 })).map(({ name }) => name);
    expect(await names()).toEqual(['mx1']);
    await removeEdge(db, id, actor);
    expect(await names()).toEqual([null, null]);
  });

  describe('enrol', () => {
    it('with a code that is good once', async () => {
      const id = await add('mx1', 1);
      expect(await enrolledEdge(env.database.db, id)).toBeNull();
      expect(await enrol(1)).toMatchObject({ id, side: 'old', name: 'mx1', codeUntilMs: null });
      expect(await enrolledEdge(env.database.db, id)).toMatchObject({ tokenHash: `hash of ${id}` });
      await expect(enrol(1)).rejects.toMatchObject({ code: 'edge-code-refused' });
    });

    it('with no code that has run out, and no other', async () => {
      await addEdge(
        env.database.db,
        { side: 'new', name: 'late', codeHash: code(2), codeForMs: -1 },
        actor,
        0,
      );
      await expect(enrol(2)).rejects.toMatchObject({ code: 'edge-code-refused' });
      await expect(enrol(3)).rejects.toMatchObject({ code: 'edge-code-refused' });
    });

    it('once, though two come at the same time', async () => {
      await add('mx1', 1);
      const both = await Promise.allSettled([enrol(1), enrol(1)]);
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  it('have a name of their own', async () => {
    await add('mx1', 1);
    await expect(add('mx1', 2)).rejects.toMatchObject({ code: 'edge-exists' });
  });

  it('say how far they are and what is wrong, and are known no more when removed', async () => {
    const id = await add('mx1', 1);
    await enrol(1);
    const health = [{ part: 'transport', text: 'postmap ended with 1' }];
    await noteEdge(env.database.db, id, { epoch: 7, version: '2', health });
    expect(await allEdges(env.database.db)).toMatchObject([{ name: 'mx1', epoch: 7, version: '2', health }]);
    await removeEdge(env.database.db, id, actor);
    expect(await enrolledEdge(env.database.db, id)).toBeNull();
    const said = { epoch: 8, version: '2', health: [] };
    await expect(noteEdge(env.database.db, id, said)).rejects.toMatchObject({ code: 'edge-unknown' });
    await expect(removeEdge(env.database.db, id, actor)).rejects.toMatchObject({ code: 'edge-unknown' });
  });

  it('have what the doctor of their host found; viewers hear of it where something is different', async () => {
    const { db } = env.database;
    const id = await add('mx1', 1);
    expect(await allEdges(db)).toMatchObject([{ report: null, reportedAtMs: null }]);
    const report: HostReport = {
      lookedAtMs: 1_000,
      postfix: { state: 'drifted', arguments: ['--side', 'old'] },
      dovecot: null,
      findings: [{ code: 'postfix-drifted', severity: 'trouble', values: { changed: 'transport_maps' } }],
      leftOut: [{ check: 'clock', reason: 'inside', said: '' }],
    };
    const events = async () =>
      (await eventsSince(db, 0, 100)).filter(({ kind }) => kind === 'edge.state').length;
    await noteReport(db, id, report);
    await noteReport(db, id, { ...report, lookedAtMs: 2_000 });
    const [edge] = await allEdges(db);
    expect(edge).toMatchObject({ report: { ...report, lookedAtMs: 2_000 }, epoch: 0, health: [] });
    expect(edge?.reportedAtMs).toEqual(expect.any(Number));
    expect(await events()).toBe(1);
    await noteReport(db, id, { ...report, findings: [] });
    expect(await events()).toBe(2);
    // What it says of itself is another thing, and does not take this away.
    await noteEdge(db, id, { epoch: 3, version: '2', health: [] });
    expect(await allEdges(db)).toMatchObject([{ epoch: 3, report: { findings: [] } }]);
    await expect(noteReport(db, 'none', report)).rejects.toMatchObject({ code: 'edge-unknown' });
  });
});
