import { describe, expect, it } from 'vitest';
import { cutsThatNeverCame, type Report, runScenario } from './scenario.ts';
import { areas } from './scenarios.ts';

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
