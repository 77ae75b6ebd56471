import { expect, it } from 'vitest';
import { phaseAfter, phaseEvents, phases } from './phase.ts';
import { isRelayed, placementOf } from './placement.ts';

it('places mail and logins by the phase', () => {
  expect(
    Object.fromEntries(phases.map((phase) => [phase, Object.values(placementOf(phase)).join(' ')])),
  ).toEqual({
    old: 'old old',
    copying: 'old old',
    'in-step': 'old old',
    switching: 'old gate',
    switched: 'new new',
    'rolling-back': 'new gate',
    done: 'new new',
  });
});

it('lets exactly one of both servers relay', () => {
  for (const phase of phases) expect(isRelayed('old', phase)).toBe(!isRelayed('new', phase));
});

it('moves mail by a commit only', () => {
  for (const phase of phases)
    for (const event of phaseEvents) {
      const next = phaseAfter(phase, event);
      if (next === null || placementOf(next).mail === placementOf(phase).mail) continue;
      expect([phase, event]).toSatisfy(([, what]: readonly string[]) => what === 'commit');
    }
});
