/** Every recorded exchange of real servers, whole and in pieces. */
import { describe, expect, test } from 'vitest';
import { bytesOf, concatBytes } from '../../base/bytes.ts';
import { byteByByte, type ParseEvent, parseEvents, splitAt } from '../../../test/fuzz/imap-events.ts';
import { checkEverySplit } from '../../../test/fuzz/every-split.ts';
import {
  imaptestLines,
  mailkitTranscripts,
  moxLines,
  netImapTranscripts,
  type Transcript,
  transcriptsMissing,
} from '../../../test/fuzz/imap-transcripts.ts';

/** Puts a greeting before, so that a line cut out of the middle of a session is not taken for the first one. */
function inSession(bytes: Uint8Array): Uint8Array {
  return concatBytes([bytesOf('* OK ready\r\n'), bytes]);
}

function expectSameInPieces(transcript: Transcript): void {
  const bytes = inSession(transcript.bytes);
  const whole = parseEvents([bytes]);
  expect(parseEvents(byteByByte(bytes)), `${transcript.name}, byte by byte`).toEqual(whole);
  checkEverySplit(bytes, whole);
  // Once more without a shortcut. That costs the square of the length: of longer ones, a hundred.
  const step = bytes.length < 600 ? 1 : Math.ceil(bytes.length / 100);
  for (let at = 1; at < bytes.length; at += step) {
    const split = parseEvents(splitAt(bytes, at));
    if (!sameShape(split, whole)) expect(split, `${transcript.name}, split at ${at}`).toEqual(whole);
  }
}

function sameShape(a: readonly ParseEvent[], b: readonly ParseEvent[]): boolean {
  return stable(a) === stable(b);
}

function stable(events: readonly ParseEvent[]): string {
  return JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function unknownLines(transcript: Transcript): string[] {
  return parseEvents([inSession(transcript.bytes)]).flatMap((event) =>
    'response' in event && event.response.kind === 'unknown' ? [event.response.line] : [],
  );
}

/** Responses of extensions that a migration has no use for. */
const unusedResponses = /^\* (?:ACL|LISTRIGHTS|METADATA|SORT|THREAD|XLIST) /;

describe.skipIf(transcriptsMissing !== null)(
  `recorded servers${transcriptsMissing === null ? '' : ` (${transcriptsMissing})`}`,
  () => {
    const mailkit = transcriptsMissing === null ? mailkitTranscripts() : [];
    const netImap = transcriptsMissing === null ? netImapTranscripts() : [];

    test('has transcripts to read', () => {
      expect(mailkit.length).toBeGreaterThan(300);
      expect(netImap.length).toBeGreaterThan(150);
    });

    test('understands every response that MailKit recorded, but for extensions without use here', () => {
      const strange = mailkit.flatMap((t) =>
        unknownLines(t)
          .filter((line) => !unusedResponses.test(line))
          .map((line) => `${t.name}: ${line}`),
      );
      expect(strange).toEqual(['exchange/issue115.txt: [COPYUID 55 31 6]']);
    });

    test('fails on one MailKit recording only, whose body was edited without its length', () => {
      const failed = mailkit.filter((t) => parseEvents([inSession(t.bytes)]).some((e) => 'error' in e));
      expect(failed.map((t) => t.name)).toEqual(['gmail/headers.1+unsolicited-info.txt']);
    });

    test('gives the same events for MailKit recordings at every split', { timeout: 240_000 }, () => {
      for (const transcript of mailkit) expectSameInPieces(transcript);
    });

    test("gives the same events for net-imap's responses at every split", () => {
      for (const transcript of netImap) expectSameInPieces(transcript);
    });

    test("refuses of net-imap's responses only the literal of impossible size", () => {
      const failed = netImap.filter((t) => parseEvents([inSession(t.bytes)]).some((e) => 'error' in e));
      expect(failed.map((t) => Buffer.from(t.bytes).toString())).toEqual([
        expect.stringContaining('{99999999999999999999}'),
      ]);
    });

    test("gives the same events for mox's seeds at every split", () => {
      for (const transcript of moxLines()) expectSameInPieces(transcript);
    });

    test('gives the same events for the lines imaptest expects at every split', () => {
      for (const transcript of imaptestLines()) expectSameInPieces(transcript);
    });
  },
);
