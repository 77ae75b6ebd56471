/** UID FETCH without bodies (RFC 9051 §6.4.5), and what changed since a MODSEQ (RFC 7162 §3.1.4.1, §3.2.6). */
import { parseInternalDate } from '../../../base/date-time.ts';
import type { ChangedSince, MessageMeta, UidSpan } from '../../../sync/mail-store.ts';
import type { FetchAttributes, ImapResponse } from '../../../wire/imap/response.ts';
import { type CommandContext, expectOk, maxCommandBytes } from './context.ts';
import { formatSpans, spansOf } from './uid-spans.ts';

export async function fetchMeta(
  context: CommandContext,
  spans: readonly UidSpan[],
  want: { readonly date: boolean; readonly size: boolean },
  onMeta: (meta: MessageMeta) => void,
): Promise<void> {
  const items = `UID FLAGS${want.date ? ' INTERNALDATE' : ''}${want.size ? ' RFC822.SIZE' : ''}`;
  const lowest = Math.min(...spans.map(([first]) => first));
  const onFetch = (attributes: FetchAttributes) => {
    // `n:*` names the last message even where n lies behind it (RFC 9051 §9, seq-range).
    if ((attributes.uid ?? 0) < lowest) return;
    // A line without what was asked for is another client's flag change told in passing.
    if (want.date && attributes.internalDate === undefined && attributes.sizeBytes === undefined) return;
    if (want.size && attributes.sizeBytes === undefined && attributes.internalDate === undefined) return;
    const meta = metaOf(attributes);
    if (meta !== null) onMeta(meta);
  };
  for (const set of formatSpans(spans, maxCommandBytes)) {
    const answer = await context.pipe.run('UID FETCH', [` ${set} (${items})`], {
      untagged: fetchHandler(onFetch),
    });
    expectOk(context, 'UID FETCH', answer);
  }
}

export async function fetchChanges(
  context: CommandContext,
  since: ChangedSince,
  onMeta: (meta: MessageMeta) => void,
): Promise<{ readonly vanished: readonly UidSpan[] | null }> {
  const vanished: UidSpan[] = [];
  const withVanished = context.abilities.qResync;
  const answer = await context.pipe.run(
    'UID FETCH',
    [` 1:* (UID FLAGS) (CHANGEDSINCE ${since.modSeq}${withVanished ? ' VANISHED' : ''})`],
    {
      untagged: (response) => {
        if (response.kind === 'vanished') {
          vanished.push(...response.uids);
          return true;
        }
        if (response.kind !== 'fetch') return false;
        const meta = metaOf(response.attributes);
        if (meta !== null) onMeta(meta);
        return true;
      },
    },
  );
  expectOk(context, 'UID FETCH', answer);
  return { vanished: withVanished ? vanished : null };
}

/** All UIDs: ESEARCH (RFC 4731) in one line of ranges; where that is missing, UID FETCH, as SEARCH is often wrong. */
export async function listUids(context: CommandContext): Promise<readonly UidSpan[]> {
  const hasEsearch = ['ESEARCH', 'IMAP4REV2'].some((name) => context.abilities.capabilities.includes(name));
  if (hasEsearch && !context.broken.has('ESEARCH')) {
    let all: readonly UidSpan[] | null = null;
    let count: number | null = null;
    const answer = await context.pipe.run('UID SEARCH', [' RETURN (ALL COUNT) ALL'], {
      untagged: (response) => {
        if (response.kind !== 'esearch') return false;
        all = response.all;
        count = response.count;
        return true;
      },
    });
    if (answer.status === 'OK' && count !== null) return all ?? [];
    context.broken.add('ESEARCH');
  }
  const uids: number[] = [];
  await fetchMeta(context, [[1, Number.POSITIVE_INFINITY]], { date: false, size: false }, (meta) =>
    uids.push(meta.uid),
  );
  return spansOf(uids);
}

function fetchHandler(onFetch: (attributes: FetchAttributes) => void): (response: ImapResponse) => boolean {
  return (response) => {
    if (response.kind !== 'fetch') return false;
    onFetch(response.attributes);
    return true;
  };
}

function metaOf(attributes: FetchAttributes): MessageMeta | null {
  if (attributes.uid === undefined || attributes.uid <= 0) return null;
  return {
    uid: attributes.uid,
    flags: withoutRecent(attributes.flags ?? []),
    internalDate:
      attributes.internalDate === undefined
        ? null
        : (parseInternalDate(attributes.internalDate)?.text ?? null),
    sizeBytes: attributes.sizeBytes ?? null,
    modSeq: attributes.modSeq ?? null,
  };
}

function withoutRecent(flags: readonly string[]): readonly string[] {
  for (const flag of flags) {
    if (/^\\recent$/i.test(flag)) return flags.filter((f) => !/^\\recent$/i.test(f));
  }
  return flags;
}
