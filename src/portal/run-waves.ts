/** Takes each wave a step on. Several controls at once take the same accounts, and starting twice is starting once. */
import type { Kysely } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { askingCodes } from '../domain/trouble.ts';
import { nextWaveStep } from '../domain/wave.ts';
import { changeMany } from '../state/database/bulk-changes.ts';
import type { Tables } from '../state/database/tables.ts';
import { changeWave, markStarted, nextOfWave, waves } from '../state/database/waves.ts';

export async function runWaves(db: Kysely<Tables>, clock: Clock): Promise<void> {
  for (const wave of await waves(db, { open: true }, askingCodes())) {
    const step = nextWaveStep(wave, clock.now());
    const actor = `wave:${wave.name}`;
    if (step.state !== wave.state) await changeWave(db, wave.id, { state: step.state }, actor);
    if (step.start === 0) continue;
    const ids = await nextOfWave(db, wave.id, step.start);
    if (ids.length === 0) continue;
    const only = { ids, teamIds: [], domains: [], all: false };
    const plan = { choice: wave.kind, atMs: null };
    await changeMany(db, only, { kind: 'plan', plan }, { actor, dryRun: false, named: 0 });
    await markStarted(db, wave.id, ids);
  }
}
