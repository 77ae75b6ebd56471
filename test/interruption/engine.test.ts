import { describe, expect, it } from 'vitest';
import { cutsThatNeverCame, type Report, runScenario } from './scenario.ts';
import { copyScenarios } from './scenarios-copy.ts';
import { deadlyScenarios } from './scenarios-deadly.ts';
import { identityScenarios } from './scenarios-identity.ts';
import { peopleScenarios } from './scenarios-people.ts';
import { refusedScenarios } from './scenarios-refused.ts';
import { twinScenarios } from './scenarios-twins.ts';

const areas = [
  { area: 'copy', scenarios: copyScenarios },
  { area: 'deadly', scenarios: deadlyScenarios },
  { area: 'identity', scenarios: identityScenarios },
  { area: 'people', scenarios: peopleScenarios },
  { area: 'refused', scenarios: refusedScenarios },
  { area: 'twins', scenarios: twinScenarios },
];
const reports: Report[] = [];

describe.each(areas)('interrupted everywhere ($area)', ({ scenarios }) => {
  it.each(scenarios)('$title', async (scenario) => {
    const report = await runScenario(scenario);
    reports.push(report);
    expect(report.violations.join('\n')).toBe('');
  });
});

it('every kind of cut came about', ({ skip }) => {
  const all = areas.reduce((n, { scenarios }) => n + scenarios.length, 0);
  skip(reports.length < all, 'only some of the scenarios were played');
  expect(cutsThatNeverCame(reports)).toEqual([]);
});
