import { describe, expect, it } from 'vitest';
import { runScenario } from './scenario.ts';
import { copyScenarios } from './scenarios-copy.ts';

describe.each([{ area: 'copy', scenarios: copyScenarios }])(
  'interrupted everywhere ($area)',
  ({ scenarios }) => {
    it.each(scenarios)('$title', async (scenario) => {
      const { violations } = await runScenario(scenario);
      expect(violations.join('\n')).toBe('');
    });
  },
);
