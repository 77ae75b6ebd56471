/**
 * Throws damaged server words at the response parser: it must yield events or a MailferryError, never anything else,
 * hold no more than its limits allow, and say the same whatever pieces the bytes come in.
 * By hand: `node test/fuzz/imap-parser.ts --seconds 10 --seed 1`.
 */
import { bytesOfLatin1, concatBytes } from '../../src/base/bytes.ts';
import { isMailferryError } from '../../src/base/errors.ts';
import type { ParserLimits } from '../../src/wire/imap/limits.ts';
import { ResponseParser } from '../../src/wire/imap/parser.ts';
import { EventSink, type ParseEvent } from './imap-events.ts';
import { mailkitTranscripts, moxLines, netImapTranscripts, transcriptsMissing } from './imap-transcripts.ts';

/** Small, so that the mutations pass them often. */
const limits: Partial<ParserLimits> = {
  lineBytes: 2000,
  setLineBytes: 4000,
  literalBytes: 500,
  bodyLiteralBytes: 20_000,
  nestingDepth: 12,
  listItems: 30,
  ranges: 40,
  fetchItems: 20,
};
const maxPending = 4000;
const greeting = bytesOfLatin1('* OK hi\r\n');

/** Seeds of our own, for when the transcripts are not there. */
const ownSeeds = [
  '* 7 FETCH (UID 8 FLAGS (\\Seen $Forwarded) INTERNALDATE "24-May-2021 11:47:51 +0200" RFC822.SIZE 1234 MODSEQ (99))\r\n',
  '* 7 FETCH (UID 8 BODY[] {12}\r\nFoo: bar\r\n\r\n FLAGS (\\Seen))\r\n',
  '* 7 FETCH (BODY[HEADER.FIELDS ("a" b)]<0> "x\\"y" ENVELOPE ("a" {3}\r\nabc ((NIL))) BINARY[1] ~{2}\r\n\0\0)\r\n',
  '* LIST (\\HasNoChildren) "/" {5}\r\na\r\nb \r\n* LSUB () NIL "x" ("CHILDINFO" ("SUBSCRIBED"))\r\n',
  '* STATUS {3}\r\na b (MESSAGES 1 UIDNEXT 2 HIGHESTMODSEQ 3 MAILBOXID (x) APPENDLIMIT NIL)\r\n',
  '* ESEARCH (TAG "A") UID MIN 1 MAX 9 COUNT 3 ALL 1:3,9 MODSEQ 5\r\n* VANISHED (EARLIER) 1:9,11\r\n',
  '* NAMESPACE (("" "/")("#mh/" "/" "X" ("a" "b"))) NIL NIL\r\n* ID ("name" "x" "y" NIL)\r\n',
  '* QUOTA "" (STORAGE 10 512)\r\n* QUOTAROOT INBOX ""\r\n* SEARCH 1 2 3 (MODSEQ 4)\r\n+ go\r\n',
  'A1 OK [COPYUID 5 1:3,9 4:7] done\r\nA2 NO [MODIFIED 7,9] x\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] y\r\n',
];

/** Bits of grammar that a mutation puts where they do not belong. */
const shards = [
  '{',
  '}',
  '{3}\r\n',
  '{99999999999}\r\n',
  '~{1}\r\n',
  '(',
  ')',
  '"',
  '\\',
  '[',
  ']',
  '\r\n',
  '\n',
  '\r',
  ' ',
  '*',
  'NIL',
].concat([
  '* 1 FETCH (',
  'BODY[] ',
  'FLAGS (',
  '4294967296',
  '-1',
  '9.3e+06',
  '\0',
  '\xff',
  ':',
  ',',
  '<5>',
  'RFC822 ',
]);

/** mulberry32: the same seed gives the same cases everywhere. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof randomOf>;

function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = () => seeds[random(seeds.length)]!;
  let bytes = concatBytes([pick(), pick()]);
  for (let i = random(6); i >= 0; i--) {
    const at = random(bytes.length + 1);
    const shard = bytesOfLatin1(shards[random(shards.length)]!);
    switch (random(7)) {
      case 0: // a bit
        bytes = bytes.slice();
        if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << random(8));
        break;
      case 1: // the end is lost
        bytes = bytes.slice(0, at);
        break;
      case 2: // a stretch is lost
        bytes = concatBytes([bytes.subarray(0, at), bytes.subarray(at + random(20))]);
        break;
      case 3: // a stretch comes twice
        bytes = concatBytes([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - random(200)))]);
        break;
      case 4: // another line is spliced in
        bytes = concatBytes([bytes.subarray(0, at), pick(), bytes.subarray(at)]);
        break;
      case 5:
        bytes = concatBytes([bytes.subarray(0, at), shard, bytes.subarray(at)]);
        break;
      default: // a digit changes: lengths, numbers
        bytes = bytes.map((byte) =>
          byte >= 0x30 && byte <= 0x39 && random(8) === 0 ? 0x30 + random(10) : byte,
        );
    }
  }
  return bytes.length > 12_000 ? bytes.slice(0, 12_000) : bytes;
}

interface Outcome {
  readonly events: readonly ParseEvent[];
  readonly error: string | null;
}

function run(pieces: readonly Uint8Array[]): Outcome {
  const sink = new EventSink();
  const parser = new ResponseParser(sink, limits);
  let error: string | null = null;
  try {
    for (const piece of pieces) {
      parser.push(piece);
      if (parser.pending > maxPending) throw new Error(`the parser holds ${parser.pending} bytes`);
    }
  } catch (thrown) {
    if (!isMailferryError(thrown, 'protocol-violation', 'limit-exceeded', 'not-imap', 'plaintext-to-tls'))
      throw thrown;
    error = thrown.code;
  }
  return { events: sink.close(), error };
}

function cut(bytes: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const next = at + 1 + random(random(2) === 0 ? 4 : 400);
    pieces.push(bytes.subarray(at, next));
    at = next;
  }
  return pieces;
}

function text(outcome: Outcome): string {
  return JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** Runs cases until the time is up; throws an Error that holds the input on the first one that goes wrong. */
export function fuzzParser(seed: number, budgetMs: number): { cases: number } {
  const recorded =
    transcriptsMissing === null ? [...mailkitTranscripts(), ...netImapTranscripts(), ...moxLines()] : [];
  const seeds = [
    ...ownSeeds.map(bytesOfLatin1),
    ...recorded.map((t) => t.bytes).filter((b) => b.length < 6000),
  ];
  const random = randomOf(seed);
  const until = performance.now() + budgetMs;
  let cases = 0;
  while (performance.now() < until) {
    const mutated = mutate(seeds, random);
    const bytes = random(10) === 0 ? mutated : concatBytes([greeting, mutated]);
    try {
      const whole = run([bytes]);
      const inPieces = run(cut(bytes, random));
      if (text(whole) !== text(inPieces))
        throw new Error(`pieces differ:\n${text(whole)}\n${text(inPieces)}`);
    } catch (cause) {
      const input = JSON.stringify(String.fromCharCode(...bytes));
      throw new Error(`seed ${seed}, case ${cases}: ${input}`, { cause });
    }
    cases++;
  }
  return { cases };
}

if (import.meta.main) {
  const option = (name: string, otherwise: number): number => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : Number(process.argv[at + 1]);
  };
  const seed = option('seed', 1);
  const seconds = option('seconds', 10);
  const { cases } = fuzzParser(seed, seconds * 1000);
  process.stdout.write(`seed ${seed}: ${cases} cases in ${seconds} s, none wrong\n`);
}
