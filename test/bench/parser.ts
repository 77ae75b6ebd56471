/**
 * How fast the response parser is, in one process and without a network: `node test/bench/parser.ts [--json]`.
 * Input comes in pushes of 64 KB, as from a socket, so lines and literals break at arbitrary places.
 */
import { bytesOf, concatBytes } from '../../src/base/bytes.ts';
import { ResponseParser } from '../../src/wire/imap/parser.ts';
import type { ResponseSink } from '../../src/wire/imap/response.ts';

const pushBytes = 64 * 1024;
const measureMs = 700;

export interface ParserFigures {
  readonly metadataPerSecond: number;
  readonly metadataMegabytesPerSecond: number;
  readonly smallBodiesPerSecond: number;
  readonly smallBodiesMegabytesPerSecond: number;
  readonly bigBodiesMegabytesPerSecond: number;
}

/** Copies each body once, as whatever keeps or sends it must: without that the figure would only count views. */
class CopyingSink implements ResponseSink {
  readonly #copy = new Uint8Array(pushBytes);
  responses = 0;
  bodyBytes = 0;
  response(): void {
    this.responses++;
  }
  bodyBegin(): void {}
  bodyChunk(bytes: Uint8Array): void {
    this.#copy.set(bytes);
    this.bodyBytes += bytes.length;
  }
  bodyEnd(): void {}
}

const flagLists = ['\\Seen', '\\Seen $Forwarded', '\\Answered \\Seen', '', '\\Flagged \\Seen NonJunk'];

function metadata(count: number): Uint8Array {
  const lines: string[] = [];
  for (let i = 1; i <= count; i++) {
    const day = String((i % 28) + 1).padStart(2, ' ');
    const time = `${String(i % 24).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}:17`;
    lines.push(
      `* ${i} FETCH (UID ${i * 3} FLAGS (${flagLists[i % flagLists.length]}) INTERNALDATE "${day}-May-2021 ${time} +0200" RFC822.SIZE ${1000 + ((i * 7919) % 60000)} MODSEQ (${90000 + i}))\r\n`,
    );
  }
  return bytesOf(lines.join(''));
}

function bodies(count: number, sizeBytes: number): Uint8Array {
  const body = new Uint8Array(sizeBytes).fill(0x61);
  for (let i = 76; i < sizeBytes; i += 78) body.set([0x0d, 0x0a], i - 1);
  const parts: Uint8Array[] = [];
  for (let i = 1; i <= count; i++) {
    parts.push(bytesOf(`* ${i} FETCH (UID ${i * 3} BODY[] {${sizeBytes}}\r\n`), body, bytesOf(')\r\n'));
  }
  return concatBytes(parts);
}

function rate(input: Uint8Array): { responses: number; megabytes: number } {
  const pushes: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += pushBytes) pushes.push(input.subarray(at, at + pushBytes));
  const sink = new CopyingSink();
  const parser = new ResponseParser(sink);
  for (const bytes of pushes) parser.push(bytes);
  let best = Number.POSITIVE_INFINITY;
  const each = sink.responses;
  const until = performance.now() + measureMs;
  while (performance.now() < until) {
    const start = performance.now();
    for (const bytes of pushes) parser.push(bytes);
    best = Math.min(best, performance.now() - start);
  }
  return { responses: (each / best) * 1000, megabytes: (input.length / best / 1e6) * 1000 };
}

/** The best pass of each kind within a second or so. */
export function measureParser(): ParserFigures {
  const lines = rate(metadata(50_000));
  const small = rate(bodies(10_000, 4096));
  const big = rate(bodies(4, 16 * 1024 * 1024));
  return {
    metadataPerSecond: Math.round(lines.responses),
    metadataMegabytesPerSecond: Math.round(lines.megabytes),
    smallBodiesPerSecond: Math.round(small.responses),
    smallBodiesMegabytesPerSecond: Math.round(small.megabytes),
    bigBodiesMegabytesPerSecond: Math.round(big.megabytes),
  };
}

if (import.meta.main) {
  const figures = measureParser();
  const text = process.argv.includes('--json')
    ? JSON.stringify(figures)
    : [
        `metadata lines   ${figures.metadataPerSecond.toLocaleString('en')} responses/s (${figures.metadataMegabytesPerSecond} MB/s)`,
        `bodies of 4 KB   ${figures.smallBodiesPerSecond.toLocaleString('en')} responses/s (${figures.smallBodiesMegabytesPerSecond} MB/s)`,
        `bodies of 16 MB  ${figures.bigBodiesMegabytesPerSecond.toLocaleString('en')} MB/s`,
      ].join('\n');
  process.stdout.write(`${text}\n`);
}
