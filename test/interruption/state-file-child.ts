/** Records numbered steps until it is killed; each touches every table, so that half a step would show. */
import { systemClock } from '../../src/base/clock.ts';
import { openState } from '../../src/state/index.ts';
import { intentRow, mailboxRow, refusedRow } from '../contracts/journal-rows.ts';

const [file = '', mode = ''] = process.argv.slice(2);
try {
  const state = await openState(file, { pair: { from: 'a', to: 'b' }, clock: systemClock });
  process.stdout.write('open\n');
  if (mode === 'hold') await new Promise((resolve) => setTimeout(resolve, 60_000));
  let n = Number((await state.load()).notes['n'] ?? 0);
  for (;;) {
    n += 1;
    await state.record({
      step: `step ${n}`,
      mailboxes: [mailboxRow(1, { adoptedBelow: n })],
      openIntents: [intentRow(n)],
      closeIntents: [n - 1],
      refused: [refusedRow(1, 1, { attempts: n })],
      chunks: [0, 1, 2].map((chunk) => ({
        mailboxId: 1,
        generation: 1,
        chunk,
        body: new Uint8Array(20_000).fill(n % 256),
      })),
      notes: { n: String(n) },
    });
    // Each line says: this step is on disk.
    process.stdout.write(`${n}\n`);
  }
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`);
  process.exit(1);
}
