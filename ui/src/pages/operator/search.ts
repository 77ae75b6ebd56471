/** What of the operator's pages is in their addresses. Undefined, not left out: the router keeps what is left out. */
export const spans = ['hour', 'day', 'week', 'month'] as const;
export type Span = (typeof spans)[number];

export interface HarbourSearch {
  readonly span?: Span | undefined;
}

export function harbourSearch(search: Record<string, unknown>): HarbourSearch {
  return { span: spans.find((name) => name === search['span']) };
}

export const phases = ['old', 'copying', 'in-step', 'switching', 'switched', 'rolling-back', 'done'] as const;

export interface AccountsSearch {
  readonly search?: string | undefined;
  readonly phase?: (typeof phases)[number] | undefined;
  readonly trouble?: string | undefined;
  readonly account?: string | undefined;
}

export function accountsSearch(search: Record<string, unknown>): AccountsSearch {
  const text = (value: unknown): string | undefined =>
    (typeof value === 'string' && value !== '') || typeof value === 'number'
      ? String(value).slice(0, 320)
      : undefined;
  return {
    search: text(search['search']),
    phase: phases.find((name) => name === search['phase']),
    trouble: text(search['trouble']),
    account: text(search['account']),
  };
}
