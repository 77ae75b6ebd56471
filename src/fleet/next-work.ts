/** What a worker has to do for an account, from its row alone. Pure. */
import type { Phase } from '../domain/phase.ts';
import { troubleClassOf, troubleTable } from '../domain/trouble.ts';
import type { Attention, Pause } from '../state/database/account-notes.ts';

/** `rest`: nothing before a person acts. */
export type Work = 'rest' | 'copy' | 'follow';

export function nextWork(
  phase: Phase,
  notes: { readonly paused: Pause | null; readonly attention: Attention | null },
): Work {
  if (notes.paused !== null) return 'rest';
  if (notes.attention !== null && troubleTable[troubleClassOf(notes.attention.code)].asks) return 'rest';
  if (phase === 'copying') return 'copy';
  return phase === 'in-step' ? 'follow' : 'rest';
}
