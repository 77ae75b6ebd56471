/** UID FETCH without bodies (RFC 9051 §6.4.5), and what changed since a MODSEQ (RFC 7162 §3.1.4.1, §3.2.6). */
import { parseInternalDate } from '../../../base/date-time.ts';
import { containsUid, normaliseUids } from '../../../base/uid-ranges.ts';
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
  const answers = new MetaAnswers(spans, want, onMeta);
  for (const set of formatSpans(spans, maxCommandBytes)) {
    const answer = await context.pipe.run('UID FETCH', [` ${set} (${items})`], {
      untagged: fetchHandler((attributes) => answers.take(attributes)),
    });
    expectOk(context, 'UID FETCH', answer);
  }
  answers.finish();
}

/**
 * Tells answers from other clients' flag changes told in passing: those name a message that was not asked for, or bring
 * flags alone. A message of which the server has no more than flags to say (INTERNALDATE NIL) is told at the end.
 */
class MetaAnswers {
  readonly #spans: readonly UidSpan[];
  readonly #wantsMore: boolean;
  readonly #onMeta: (meta: MessageMeta) => void;
  readonly #bare = new Map<number, MessageMeta>();
  #highest = 0;

  constructor(
    spans: readonly UidSpan[],
    want: { readonly date: boolean; readonly size: boolean },
    onMeta: (meta: MessageMeta) => void,
  ) {
    this.#spans = normaliseUids(spans);
    this.#wantsMore = want.date || want.size;
    this.#onMeta = onMeta;
  }

  take(attributes: FetchAttributes): void {
    const meta = metaOf(attributes);
    // `n:*` names the last message even where n lies behind it (RFC 9051 §9, seq-range).
    if (meta === null || !containsUid(this.#spans, meta.uid)) return;
    const bare = attributes.internalDate === undefined && attributes.sizeBytes === undefined;
    if (this.#wantsMore && bare) {
      if (meta.uid > this.#highest) this.#bare.set(meta.uid, meta);
      return;
    }
    if (this.#bare.size > 0) this.#bare.delete(meta.uid);
    this.#highest = Math.max(this.#highest, meta.uid);
    this.#onMeta(meta);
  }

  finish(): void {
    for (const meta of this.#bare.values()) this.#onMeta(meta);
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
