/** Why what was asked of many accounts does not fit one of them: codes for programs, and words for people. Pure. */
import { assertNever } from '../base/assert-never.ts';
import { type Phase, phases } from './phase.ts';
import type { Words } from './trouble.ts';

export type Unfit =
  | { readonly code: 'paused' | 'started' | 'started-and-paused'; readonly phase: string }
  | { readonly code: 'nothing-planned' | 'paused-already' | 'not-paused' | 'no-trouble' | 'none-refused' }
  | { readonly code: 'no-deletions-stopped'; readonly attention: string };
export type UnfitCode = Unfit['code'];

export const unfitCodes = [
  'paused',
  'started',
  'started-and-paused',
  'nothing-planned',
  'paused-already',
  'not-paused',
  'no-trouble',
  'none-refused',
  'no-deletions-stopped',
] as const satisfies readonly UnfitCode[];

const german: Readonly<Record<Phase, string>> = {
  old: 'liegt noch auf dem bisherigen Server',
  copying: 'wird kopiert',
  'in-step': 'ist auf gleichem Stand',
  switching: 'wird umgeschaltet',
  switched: 'ist umgezogen',
  'rolling-back': 'kehrt zurück',
  done: 'ist fertig',
};

/** Part of a sentence after the address and a colon. */
export function unfitWords(unfit: Unfit): Words {
  switch (unfit.code) {
    case 'paused':
      return {
        de: 'pausiert; erst fortsetzen, dann beginnen',
        en: 'it is paused: resume it first, then start it',
      };
    case 'started':
      return {
        de: `hat schon begonnen und ${phaseInGerman(unfit.phase)}`,
        en: `it was started before and is ${unfit.phase}`,
      };
    case 'started-and-paused':
      return {
        de: `hat schon begonnen, ${phaseInGerman(unfit.phase)} und ist pausiert, bis jemand es fortsetzt`,
        en: `it was started before, is ${unfit.phase}, and is paused until it is resumed`,
      };
    case 'nothing-planned':
      return { de: 'nichts geplant, was noch bevorsteht', en: 'nothing is planned that has not begun' };
    case 'paused-already':
      return { de: 'ist schon pausiert', en: 'it is paused already' };
    case 'not-paused':
      return { de: 'ist nicht pausiert', en: 'it is not paused' };
    case 'no-trouble':
      return { de: 'hat keine Störung', en: 'nothing is wrong with it' };
    case 'none-refused':
      return { de: 'keine Nachricht davon wurde abgelehnt', en: 'no message of it was refused' };
    case 'no-deletions-stopped':
      return {
        de: `keine Löschungen angehalten, also nichts zu bestätigen; die Störung ist ${unfit.attention}: ohne Bestätigung noch einmal versuchen`,
        en: `no deletions were stopped, there is nothing to confirm: it wants attention for ${unfit.attention}; retry without confirming`,
      };
    default:
      return assertNever(unfit);
  }
}

function phaseInGerman(phase: string): string {
  const known = phases.find((one) => one === phase);
  return known === undefined ? `steht auf ${phase}` : german[known];
}
