/**
 * The scenarios of engine.test.ts with their journal in the daemon's database, on both. All of them whole; the places of
 * interruption are too many for the time of the tests, so a seeded sample is played here and all of them by
 * database-campaign.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabDatabase, openLabDatabase } from '../lab/lab-database.ts';
import { journalsIn } from './database-journal.ts';
import { play } from './random-play.ts';
import { randomFrom, randomScript } from './random-script.ts';
import { runScenario } from './scenario.ts';
import { areas } from './scenarios.ts';
import type { OpenJournal } from './world.ts';

/** So many of all places of an interruption: half a minute for each database. */
const share = 0.04;
const randomScripts = 20;
const kinds = ['SQLite', 'PostgreSQL'] as const;
const scenarios = areas.flatMap((one) => one.scenarios);

describe.each(kinds)('whole, and interrupted at a seeded sample of all places, on %s', (kind) => {
  let lab: LabDatabase;
  let openJournal: OpenJournal;
  let runs = 0;
  let missed = 0;
  const random = randomFrom(kinds.indexOf(kind) + 1);
  beforeAll(async () => {
    lab = await openLabDatabase(kind);
    openJournal = journalsIn(lab.database);
  });
  afterAll(() => lab?.remove());

  it.each(scenarios)('$title', async (scenario) => {
    const report = await runScenario(scenario, { openJournal, chosen: () => random() < share });
    expect(report.violations.join('\n')).toBe('');
    runs += report.runs;
    missed += report.missed;
  });

  it('nearly all interruptions struck', () => {
    expect(runs).toBeGreaterThan(scenarios.length);
    // SQLite answers before anything else goes on; PostgreSQL when the machine lets it.
    expect(missed).toBeLessThanOrEqual(kind === 'SQLite' ? 0 : runs / 50);
  });

  it(`${randomScripts} random scenarios keep every promise`, async () => {
    for (let seed = 1; seed <= randomScripts; seed++) {
      expect(await play(randomScript(seed), openJournal), `seed ${seed}`).toEqual([]);
    }
  });
});
