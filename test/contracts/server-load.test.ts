/** What workers say they ask of the servers: summed up for who watches, and forgotten with the worker. On both databases. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { samplesBetween, takeSample } from '../../src/state/database/samples.ts';
import { forgetLoad, reportLoad, type ServerLoad } from '../../src/state/database/server-load.ts';
import { addUsage } from '../../src/state/database/shards.ts';
import { putServer } from '../../src/state/database/servers.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

const load: ServerLoad = {
  connections: 7,
  allowed: 10,
  waiting: 1,
  messagesPerSecond: 20.5,
  bytesPerSecond: 1_000,
  latencyMs: 30,
  bytesToday: 5_000,
};
const path = '/api/v1/servers/load';

describeOnBoth('the load of the servers', (env) => {
  let control: ControlEnv;
  beforeEach(async () => {
    control = await startControlFor(env.database);
  });
  afterEach(() => control.close());

  test('is that of all workers together, the slowest answer counts, and who is silent does not', async () => {
    const { db } = env.database;
    expect((await control.call('GET', path)).body).toEqual({ old: null, new: null });
    await putServer(
      db,
      { side: 'old', host: 'old.example', port: 993, limits: { latency_brake_ms: 900 } },
      'test',
    );
    await reportLoad(db, 'one', 'old', load);
    await reportLoad(db, 'two', 'old', { ...load, connections: 2, latencyMs: 80, bytesToday: 5_100 });
    await reportLoad(db, 'three', 'old', { ...load, latencyMs: null });
    await reportLoad(db, 'one', 'new', { ...load, latencyMs: null });
    const silent = async (worker: string) =>
      await db
        .updateTable('server_load')
        .set((eb) => ({ at_ms: eb('at_ms', '-', 16_000) }))
        .where('worker', '=', worker)
        .execute();
    await silent('three');
    const both = {
      connections: 9,
      allowed: 20,
      waiting: 2,
      messagesPerSecond: 41,
      bytesPerSecond: 2_000,
      latencyMs: 80,
      bytesToday: 5_100,
    };
    expect((await control.call('GET', path)).body).toEqual({
      old: { ...both, latencyBrakeMs: 900 },
      new: { ...load, latencyMs: null, latencyBrakeMs: 2_000 },
    });

    // The control's own of this minute.
    await db.deleteFrom('sample').execute();
    await takeSample(db);
    const [sample] = await samplesBetween(db, { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 10 });
    expect(sample?.servers).toMatchObject({ old: both, new: { connections: 7, latencyMs: null } });
    const points = (await control.call('GET', '/api/v1/dashboard')).body.points as unknown[];
    expect(points.at(-1)).toMatchObject({
      servers: { old: { connections: 9, latencyMs: 80 }, new: { connections: 7, latencyMs: null } },
    });

    await reportLoad(db, 'two', 'old', { ...load, connections: 3 });
    await forgetLoad(db, 'one');
    expect((await control.call('GET', path)).body).toMatchObject({ old: { connections: 3 }, new: null });
  });

  test('of a day is one count for all workers, however many tell at once', async () => {
    const { db } = env.database;
    const tell = (side: string, day: string, bytes: number) => addUsage(db, side, day, bytes);
    await Promise.all(Array.from({ length: 20 }, (_, n) => tell('old', '2026-12-01', n)));
    await tell('new', '2026-12-01', 7);
    await tell('old', '2026-12-02', 5);
    expect(await tell('old', '2026-12-01', 10)).toBe(200);
    expect(await tell('old', '2026-12-02', 0)).toBe(5);
  });

  test('leaves no rows of workers that ended long ago', async () => {
    const { db } = env.database;
    await reportLoad(db, 'gone', 'old', load);
    await db
      .updateTable('server_load')
      .set((eb) => ({ at_ms: eb('at_ms', '-', 3_600_000) }))
      .execute();
    await reportLoad(db, 'here', 'old', load);
    await takeSample(db);
    const rows = await db.selectFrom('server_load').select('worker').execute();
    expect(rows).toEqual([{ worker: 'here' }]);
  });
});
