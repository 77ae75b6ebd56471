/** Hashes of old that a program of the operator's knows: asked for one login at a time. */
import { Secret } from '../base/secret.ts';
import type { HashReader } from './hash-reader.ts';
import { pending, quoted } from './provisioning-error.ts';
import { endText, runProgram } from './run-program.ts';

export class CommandHashes implements HashReader {
  readonly name = 'command';
  readonly #argv: readonly string[];
  readonly #deadlineMs: number;

  constructor(argv: readonly string[], deadlineMs: number) {
    this.#argv = argv;
    this.#deadlineMs = deadlineMs;
  }

  async hashOf(login: string, signal: AbortSignal): Promise<Secret | null> {
    const input = { version: 1, do: 'password', login };
    const end = await runProgram({ argv: this.#argv, input, deadlineMs: this.#deadlineMs, signal });
    if (end.kind !== 'ended' || end.code !== 0) throw pending('old.passwords', quoted(endText(end), []));
    let hash: unknown;
    try {
      hash = (JSON.parse(end.stdout) as { readonly hash?: unknown } | null)?.hash;
    } catch {
      // Its answer may hold a hash: it is told nowhere.
    }
    if (hash === null) return null;
    if (typeof hash === 'string') return new Secret(hash);
    throw pending('old.passwords', 'the answer of the program is no JSON object with "hash"');
  }
}
