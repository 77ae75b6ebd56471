/** What an edge keeps of its enrolment, in a file for its owner only. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MailferryError } from '../../base/errors.ts';
import { Secret } from '../../base/secret.ts';
import type { TlsTrust } from '../../net/tls-trust.ts';
import { makeDirectoryPrivately, readPrivately } from '../../state/private-file.ts';

export interface EdgeFile {
  readonly control: URL;
  readonly trust: TlsTrust;
  readonly side: 'old' | 'new';
  readonly name: string;
  readonly token: Secret;
}

const schema = z.strictObject({
  control: z.url({ protocol: /^https?$/ }),
  caPem: z.string().nullable(),
  fingerprints: z.array(z.string()),
  side: z.enum(['old', 'new']),
  name: z.string(),
  token: z.string().min(1),
});

const fileIn = (directory: string) => join(directory, 'edge.json');

export function writeEdgeFile(directory: string, { control, trust, side, name, token }: EdgeFile): string {
  makeDirectoryPrivately(directory);
  const kept: z.input<typeof schema> = {
    control: control.href,
    caPem: trust.caPem,
    fingerprints: [...trust.fingerprintsSha256],
    side,
    name,
    token: token.reveal(),
  };
  const file = fileIn(directory);
  // Whole or not at all: the code that made the token is used up.
  writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

/** Throws `edge-not-enrolled`. */
export function readEdgeFile(directory: string): EdgeFile {
  const file = fileIn(directory);
  let text: string;
  try {
    text = readPrivately(file);
  } catch (error) {
    throw new MailferryError('edge-not-enrolled', `${file}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw new MailferryError('edge-not-enrolled', `${file} is damaged`);
  const { control, caPem, fingerprints, side, name, token } = parsed.data;
  return {
    control: new URL(control),
    trust: { caPem, fingerprintsSha256: fingerprints },
    side,
    name,
    token: new Secret(token),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
