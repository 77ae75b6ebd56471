/** What of the harbour is in its address: how far back the curves go. */
export const spans = ['hour', 'day', 'week', 'month'] as const;
export type Span = (typeof spans)[number];

export function harbourSearch(search: Record<string, unknown>): { readonly span?: Span | undefined } {
  return { span: spans.find((name) => name === search['span']) };
}
