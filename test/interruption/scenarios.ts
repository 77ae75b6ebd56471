/** All scenarios, by what they are about. */
import type { Scenario } from './scenario.ts';
import { copyScenarios } from './scenarios-copy.ts';
import { deadlyScenarios } from './scenarios-deadly.ts';
import { identityScenarios } from './scenarios-identity.ts';
import { peopleScenarios } from './scenarios-people.ts';
import { refusedScenarios } from './scenarios-refused.ts';
import { twinScenarios } from './scenarios-twins.ts';

export const areas: readonly { readonly area: string; readonly scenarios: readonly Scenario[] }[] = [
  { area: 'copy', scenarios: copyScenarios },
  { area: 'deadly', scenarios: deadlyScenarios },
  { area: 'identity', scenarios: identityScenarios },
  { area: 'people', scenarios: peopleScenarios },
  { area: 'refused', scenarios: refusedScenarios },
  { area: 'twins', scenarios: twinScenarios },
];
