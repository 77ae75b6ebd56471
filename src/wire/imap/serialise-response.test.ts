/** What is written is read back, whatever it is and wherever the bytes are cut. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, concatBytes, latin1Of } from '../../base/bytes.ts';
import { byteByByte, parseEvents, splitAt } from '../../../test/fuzz/imap-events.ts';
import type {
  FetchAttributes,
  ImapResponse,
  RawMailboxName,
  ResponseCode,
  StatusAttributes,
  UidRange,
} from './response.ts';
import { serialiseResponse } from './serialise-response.ts';

const byteString = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 12 })
  .map((b) => String.fromCharCode(...b));
const atomChars = [...'ABCXYZabc019.-+=/#$'];
const atom = fc.array(fc.constantFrom(...atomChars), { minLength: 1, maxLength: 8 }).map((c) => c.join(''));
const letters = fc
  .array(fc.constantFrom(...'BCFGHJKQVWXZ'), { minLength: 3, maxLength: 8 })
  .map((c) => c.join(''));
const name = byteString as fc.Arbitrary<RawMailboxName>;
const uid = fc.integer({ min: 1, max: 0xffff_ffff });
const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const modSeq = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
const range = fc.tuple(uid, uid).map(([a, b]): UidRange => (a <= b ? [a, b] : [b, a]));
const ranges = fc.array(range, { minLength: 1, maxLength: 5 });
const flag = fc.oneof(
  atom,
  atom.map((a) => `\\${a}`),
  fc.constantFrom('\\*', 'f\xfcr', 'NIL'),
);
const flags = fc.array(flag, { maxLength: 5 });
const words = fc.array(atom, { maxLength: 5 });
const delimiter = fc.constantFrom('/', '.', '\\', '"', '|', null);
/** Text that does not begin with a space or bracket, which would be read as part of something else. */
const text = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((t) => t.replace(/[\r\n\0]/g, '').replace(/^[ [+]+/, ''));

const code: fc.Arbitrary<ResponseCode> = fc.oneof(
  fc.record({ name: fc.constant('CAPABILITY' as const), capabilities: words }),
  fc.record({ name: fc.constant('APPENDUID' as const), uidValidity: uid, uids: ranges }),
  fc.record({ name: fc.constant('COPYUID' as const), uidValidity: uid, fromUids: ranges, toUids: ranges }),
  fc.record({
    name: fc.constant('PERMANENTFLAGS' as const),
    flags: fc.array(
      flag.filter((f) => f !== 'f\xfcr'),
      { maxLength: 4 },
    ),
  }),
  fc.record({ name: fc.constantFrom('UIDNEXT', 'UIDVALIDITY', 'UNSEEN', 'MESSAGELIMIT'), value: number }),
  fc.record({ name: fc.constant('HIGHESTMODSEQ' as const), value: modSeq }),
  fc.record({ name: fc.constant('MAILBOXID' as const), id: atom }),
  fc.record({ name: fc.constant('MODIFIED' as const), uids: ranges }),
  fc.record({ name: letters.map((l) => `X${l}`) }),
  fc.record({ name: letters.map((l) => `X${l}`), argument: atom }),
);
const respText = { code: fc.option(code), text };

const status: fc.Arbitrary<StatusAttributes> = fc.record(
  {
    messages: number,
    uidNext: number,
    uidValidity: number,
    unseen: number,
    recent: number,
    deleted: number,
    sizeBytes: number,
    highestModSeq: modSeq,
    mailboxId: atom,
    appendLimit: fc.option(number),
  },
  { requiredKeys: [] },
);

const namespaces = fc.array(fc.record({ prefix: name, delimiter }), { maxLength: 3 });
const tag = fc.array(fc.constantFrom(...'ABC012'), { minLength: 1, maxLength: 5 }).map((c) => c.join(''));

const response: fc.Arbitrary<ImapResponse> = fc.oneof(
  fc.record({ kind: fc.constant('continuation' as const), ...respText }),
  fc.record({
    kind: fc.constant('tagged' as const),
    tag,
    status: fc.constantFrom('OK', 'NO', 'BAD', 'BYE'),
    ...respText,
  }),
  fc.record({
    kind: fc.constant('condition' as const),
    status: fc.constantFrom('OK', 'NO', 'BAD', 'BYE', 'PREAUTH'),
    ...respText,
  }),
  fc.record({ kind: fc.constantFrom('capability', 'enabled'), capabilities: words }),
  fc.record({ kind: fc.constant('flags' as const), flags }),
  fc.record({
    kind: fc.constantFrom('list', 'lsub'),
    attributes: fc.array(
      atom.map((a) => `\\${a}`),
      { maxLength: 4 },
    ),
    delimiter,
    mailbox: name,
    extended: fc.dictionary(letters, fc.constantFrom('("SUBSCRIBED")', '(a (b))', '1:3', '"x y"')),
  }),
  fc.record({ kind: fc.constant('status' as const), mailbox: name, attributes: status }),
  fc.record({ kind: fc.constantFrom('exists', 'recent', 'expunge'), number }),
  fc.record({ kind: fc.constant('vanished' as const), earlier: fc.boolean(), uids: ranges }),
  fc.record({ kind: fc.constant('search' as const), numbers: fc.array(number), modSeq: fc.option(modSeq) }),
  fc.record({
    kind: fc.constant('esearch' as const),
    tag: fc.option(byteString),
    uid: fc.boolean(),
    all: fc.option(ranges),
    min: fc.option(number),
    max: fc.option(number),
    count: fc.option(number),
    modSeq: fc.option(modSeq),
  }),
  fc.record({
    kind: fc.constant('namespace' as const),
    personal: namespaces,
    otherUsers: namespaces,
    shared: namespaces,
  }),
  fc.record({ kind: fc.constant('id' as const), fields: fc.dictionary(byteString, fc.option(byteString)) }),
  fc.record({
    kind: fc.constant('quota' as const),
    root: byteString,
    resources: fc.array(fc.record({ name: letters, usage: number, limit: number }), { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('quotaroot' as const),
    mailbox: name,
    roots: fc.array(byteString, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('myrights' as const), mailbox: name, rights: atom }),
  fc.record({ kind: fc.constant('unknown' as const), line: letters.map((l) => `* X${l} (a "b" 3)`) }),
);

const metadata: fc.Arbitrary<FetchAttributes> = fc.record(
  {
    seq: number,
    uid,
    flags,
    internalDate: fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
    sizeBytes: number,
    modSeq,
    emailId: atom,
  },
  { requiredKeys: ['seq'] },
);
const body = fc.uint8Array({ maxLength: 40 });
const bodies = fc.array(
  fc.record({
    section: fc.constantFrom('', 'HEADER', 'TEXT', '1.2.MIME', 'HEADER.FIELDS (DATE "X]Y")'),
    origin: fc.option(number),
    data: fc.option(body),
  }),
  { maxLength: 3 },
);
const cut = fc.nat();
const greeting = bytesOf('* OK hi\r\n');

function expectReadBack(bytes: Uint8Array, expected: readonly unknown[], at: number): void {
  for (const pieces of [[bytes], splitAt(bytes, at % (bytes.length + 1)), byteByByte(bytes)]) {
    expect(parseEvents([greeting, ...pieces]).slice(1)).toEqual(expected);
  }
}

test('reads back every response without bodies', () => {
  fc.assert(
    fc.property(response, cut, (value, at) => {
      expectReadBack(serialiseResponse(value), [{ response: value }], at);
    }),
    { numRuns: 1500 },
  );
});

test('reads back messages with their metadata and bodies', () => {
  fc.assert(
    fc.property(metadata, bodies, cut, (attributes, sections, at) => {
      const described = sections.map(({ section, origin, data }) => ({
        section,
        origin,
        sizeBytes: data?.length ?? null,
      }));
      const whole = described.length > 0 ? { ...attributes, bodies: described } : attributes;
      const bytes = serialiseResponse(
        { kind: 'fetch', attributes: whole },
        sections.flatMap(({ data }) => (data === null ? [] : [data])),
      );
      const delivered = sections.flatMap(({ section, data }, i) => {
        if (data === null) return [];
        const soFar = i === 0 ? attributes : { ...attributes, bodies: described.slice(0, i) };
        return [
          { begin: soFar, section, sizeBytes: data.length },
          { body: latin1Of(data), ended: true },
        ];
      });
      expectReadBack(bytes, [...delivered, { response: { kind: 'fetch', attributes: whole } }], at);
    }),
    { numRuns: 700 },
  );
});

test('reads back many responses in one go, at any two cuts', () => {
  fc.assert(
    fc.property(fc.array(response, { maxLength: 8 }), cut, cut, (values, x, y) => {
      const bytes = concatBytes(values.map((value) => serialiseResponse(value)));
      const [first, second] = [x % (bytes.length + 1), y % (bytes.length + 1)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
      expect(parseEvents([greeting, ...pieces]).slice(1)).toEqual(
        values.map((value) => ({ response: value })),
      );
    }),
    { numRuns: 400 },
  );
});

test('refuses to write a body of another size than announced', () => {
  const attributes = { seq: 1, bodies: [{ section: '', origin: null, sizeBytes: 3 }] };
  expect(() => serialiseResponse({ kind: 'fetch', attributes }, [bytesOf('ab')])).toThrow(RangeError);
  expect(() => serialiseResponse({ kind: 'fetch', attributes })).toThrow(RangeError);
});
