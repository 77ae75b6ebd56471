import { expect, test } from 'vitest';
import { phaseAfter, phaseEvents, phases } from './phase.ts';

test('an account moves between its phases along these lines and no others', () => {
  const lines = phases.flatMap((phase) =>
    phaseEvents.flatMap((event) => {
      const next = phaseAfter(phase, event);
      return next === null ? [] : [`${phase} ${event} ${next}`];
    }),
  );
  expect(lines).toEqual([
    'old start copying',
    'copying agree in-step',
    'in-step begin-again copying',
    'in-step switch switching',
    'switching commit switched',
    'switching abort in-step',
    'switched roll-back rolling-back',
    'switched finish done',
    'rolling-back commit in-step',
    'rolling-back abort switched',
  ]);
});
