/**
 * Where an account stands between the two servers, and what may happen there: one table, which every change of a phase
 * asks. That an account is paused or wants attention stands beside its phase and is none itself.
 */

export const phases = ['old', 'copying', 'in-step', 'switching', 'switched', 'rolling-back', 'done'] as const;
export type Phase = (typeof phases)[number];

/**
 * `agree`: a full pass and its check agree. `begin-again`: a UIDVALIDITY changed. `commit` and `abort` end a switch or
 * a roll-back; an abort leaves nothing to undo.
 */
export const phaseEvents = [
  'start',
  'agree',
  'begin-again',
  'switch',
  'commit',
  'abort',
  'roll-back',
  'finish',
] as const;
export type PhaseEvent = (typeof phaseEvents)[number];

const transitions: Readonly<Record<Phase, Readonly<Partial<Record<PhaseEvent, Phase>>>>> = {
  old: { start: 'copying' },
  copying: { agree: 'in-step' },
  'in-step': { switch: 'switching', 'begin-again': 'copying' },
  switching: { commit: 'switched', abort: 'in-step' },
  switched: { 'roll-back': 'rolling-back', finish: 'done' },
  'rolling-back': { commit: 'in-step', abort: 'switched' },
  done: {},
};

/** The phase after `event`; null where it cannot happen in `phase`. */
export function phaseAfter(phase: Phase, event: PhaseEvent): Phase | null {
  return transitions[phase][event] ?? null;
}
