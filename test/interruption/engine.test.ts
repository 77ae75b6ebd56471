import { describe, expect, it } from 'vitest';
import { runScenario } from './scenario.ts';
import { copyScenarios } from './scenarios-copy.ts';
import { identityScenarios } from './scenarios-identity.ts';
import { peopleScenarios } from './scenarios-people.ts';
import { refusedScenarios } from './scenarios-refused.ts';
import { twinScenarios } from './scenarios-twins.ts';

describe.each([
  { area: 'copy', scenarios: copyScenarios },
  { area: 'identity', scenarios: identityScenarios },
  { area: 'people', scenarios: peopleScenarios },
  { area: 'refused', scenarios: refusedScenarios },
  { area: 'twins', scenarios: twinScenarios },
])('interrupted everywhere ($area)', ({ scenarios }) => {
  it.each(scenarios)('$title', async (scenario) => {
    const { violations } = await runScenario(scenario);
    expect(violations.join('\n')).toBe('');
  });
});
