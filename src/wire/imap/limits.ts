/**
 * How much a server may send before it counts as hostile. Every limit is far above what any honest server was seen to
 * send; passing one kills the connection with `limit-exceeded` (or `protocol-violation` for a number no literal can have).
 */
export interface ParserLimits {
  /** Bytes of one response without its body literals, line ends included. */
  readonly lineBytes: number;
  /** The same for SEARCH, SORT, ESEARCH and VANISHED, whose length grows with the mailbox. */
  readonly setLineBytes: number;
  /** Announced size of one body literal; it streams, so this bounds time and disk of others, not our memory. */
  readonly bodyLiteralBytes: number;
  /** Announced size of any other literal: names, strings of items that are skipped. */
  readonly literalBytes: number;
  /** Parentheses open at once. */
  readonly nestingDepth: number;
  /** Members of one list: flags, capabilities, attributes, quota resources. */
  readonly listItems: number;
  /** Ranges of one set, numbers of one SEARCH. */
  readonly ranges: number;
  /** `msg-att` items of one FETCH response. */
  readonly fetchItems: number;
  /** Characters of an `unknown` line handed on; the rest is cut, not an error. */
  readonly unknownLineChars: number;
}

export const defaultLimits: ParserLimits = {
  // An ENVELOPE with a thousand recipients stays below 100 KB; a MODIFIED or COPYUID code of a batch below 64 KB.
  lineBytes: 1024 * 1024,
  // Two million messages with eight-digit UIDs. The line is held in memory whole.
  setLineBytes: 20 * 1024 * 1024,
  // `number` is 32 bits in RFC 3501 §9; RFC 9051 §9 has 63 bits, but no server stores a message of 4 GB.
  bodyLiteralBytes: 4_294_967_295,
  // A mailbox name has 255 bytes a component; a subject as a literal in an ENVELOPE may have some KB.
  literalBytes: 256 * 1024,
  // BODYSTRUCTURE nests once per MIME level; servers themselves stop at about 100.
  nestingDepth: 128,
  // Maildir ends at 26 keywords, Dovecot's mdbox has been seen with some hundreds; capabilities number below 100.
  listItems: 10_000,
  // One range per message in the worst case, and two million messages are twice the largest mailbox known.
  ranges: 2_000_000,
  // We ask for five items; a server may add some of its own.
  fetchItems: 1_000,
  // Enough to name the server and its fault in a report.
  unknownLineChars: 1_000,
};
