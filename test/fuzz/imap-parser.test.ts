import { expect, test } from 'vitest';
import { fuzzParser } from './imap-parser.ts';
import { transcriptsMissing } from './imap-transcripts.ts';

const seeds = transcriptsMissing === null ? '' : ' (own seeds only: no transcripts here)';

test(`the parser survives damaged server words, and reads them alike in any pieces${seeds}`, () => {
  expect(fuzzParser(20261124, 1500).cases).toBeGreaterThan(200);
});
