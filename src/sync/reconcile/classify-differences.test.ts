import { describe, expect, it } from 'vitest';
import { classify, type SideMessage, unlikePairs } from './classify-differences.ts';

const digest = (n: number) => new Uint8Array(16).fill(n);

const message = (uid: number, exact: number, more: Partial<SideMessage> = {}): SideMessage => ({
  uid,
  sizeBytes: exact * 10,
  dateMs: 1000,
  flags: '',
  print: { exact: digest(exact), canonical: digest(100 + exact), loose: digest(200 + exact) },
  ...more,
});

const row = (oldUid: number, newUid: number) => ({
  oldUid,
  newUid,
  sizeBytes: 0,
  digest: digest(0),
  flags: '',
  notes: 0,
});

const kinds = (found: ReturnType<typeof classify>) =>
  found.differences.map((d) => `${d.class} ${d.oldUid} ${d.newUid}`);

describe('classifying differences', () => {
  it('finds none between equal sides, twins included', () => {
    const old = { messages: [message(1, 1), message(2, 1), message(3, 2)] };
    const fresh = { messages: [message(11, 1), message(12, 2), message(13, 1)] };
    expect(classify(old, fresh, null, true)).toEqual({ matched: 3, differences: [] });
  });

  it('counts a twin that is missing as missing', () => {
    const old = { messages: [message(1, 1), message(2, 1)] };
    const found = classify(old, { messages: [message(11, 1)] }, null, true);
    expect(kinds(found)).toEqual(['missing-on-new 2 null']);
  });

  it('names, among messages of one size and date, the one that is gone', () => {
    const plain = { print: null, sizeBytes: 50 };
    const old = { messages: [message(1, 1, plain), message(2, 2, plain), message(3, 3, plain)] };
    const fresh = { messages: [message(12, 2, plain), message(13, 3, plain)] };
    const rows = [row(1, 11), row(2, 12), row(3, 13)];
    const ledger = { get: (uid: number) => rows.find((r) => r.oldUid === uid) ?? null };
    expect(kinds(classify(old, fresh, ledger, false))).toEqual(['removed-by-user 1 null']);
  });

  it('tells what a person removed from what never arrived, by the ledger', () => {
    const old = { messages: [message(1, 1), message(2, 2)] };
    const ledger = { get: (uid: number) => (uid === 1 ? row(1, 11) : null) };
    expect(kinds(classify(old, { messages: [] }, ledger, true))).toEqual([
      'removed-by-user 1 null',
      'missing-on-new 2 null',
    ]);
  });

  it('knows a message whose line ends alone were changed, and one whose bytes were', () => {
    const old = { messages: [message(1, 1), message(2, 2)] };
    const mended = message(11, 50, {
      print: { exact: digest(50), canonical: digest(101), loose: digest(201) },
    });
    const ledger = { get: (uid: number) => (uid === 2 ? { ...row(2, 12), digest: digest(2) } : null) };
    const found = classify(old, { messages: [mended, message(12, 60)] }, ledger, true);
    expect(found.differences.map((d) => `${d.class}: ${d.detail}`)).toEqual([
      'altered-by-server: line ends only',
      'changed-on-new: other bytes than were sent, and not as servers change them',
    ]);
    expect(unlikePairs(found.differences)).toEqual([{ oldUid: 2, newUid: 12 }]);
  });

  it('takes for the server what servers do on saving: NUL, eight-bit headers, more lines in the header', () => {
    const old = { messages: [message(1, 1), message(2, 2)] };
    const noNul = message(11, 50, {
      print: { exact: digest(50), canonical: digest(150), loose: digest(201) },
    });
    const ledger = { get: (uid: number) => (uid === 2 ? { ...row(2, 12), digest: digest(2) } : null) };
    const found = classify(old, { messages: [noNul, message(12, 60)] }, ledger, true, new Set([2]));
    expect(found.differences.map((d) => `${d.class}: ${d.detail}`)).toEqual([
      'altered-by-server: line ends, NUL or eight-bit characters in the header only',
      'altered-by-server: lines were added to the header',
    ]);
  });

  it('knows by the digest of what was copied that the change was made on old', () => {
    const ledger = { get: () => ({ ...row(1, 11), digest: digest(9) }) };
    const found = classify({ messages: [message(1, 1)] }, { messages: [message(11, 9)] }, ledger, true);
    expect(kinds(found)).toEqual(['changed-on-old 1 11']);
  });

  it('reports flags that differ, but not \\Deleted', () => {
    const old = { messages: [message(1, 1, { flags: '\\Deleted \\Seen' }), message(2, 2)] };
    const fresh = { messages: [message(11, 1), message(12, 2, { flags: '\\Flagged' })] };
    expect(classify(old, fresh, null, true).differences.map((d) => d.detail)).toEqual([
      'flags: -\\seen',
      'flags: +\\flagged',
    ]);
  });

  it('goes by size and date without bodies', () => {
    const bare = (uid: number, size: number) => message(uid, size, { print: null });
    const found = classify({ messages: [bare(1, 1), bare(2, 2)] }, { messages: [bare(11, 2)] }, null, false);
    expect(kinds(found)).toEqual(['missing-on-new 1 null']);
  });
});
