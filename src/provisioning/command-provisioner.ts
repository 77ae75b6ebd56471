/**
 * Accounts that a program of the operator's makes. It gets one JSON object, answers with one, and ends with 0 (done), 75 (try
 * again later, EX_TEMPFAIL of sysexits.h) or anything else (a person has to act; standard error says what).
 */
import { dovecotSchemes } from '../domain/password-scheme.ts';
import type { Secret } from '../base/secret.ts';
import type { EnsureOptions, Ensured, NewSideAccount, Provisioner, TestAnswer } from './provisioner.ts';
import { pending, quoted, refused } from './provisioning-error.ts';
import { endText, type ProgramEnd, runProgram } from './run-program.ts';

const tryLater = 75;
const changesAtMost = 100;
const version = 1;

export class CommandProvisioner implements Provisioner {
  readonly name = 'command';
  readonly schemes = dovecotSchemes;
  readonly #argv: readonly string[];
  readonly #deadlineMs: number;

  constructor(argv: readonly string[], deadlineMs: number) {
    this.#argv = argv;
    this.#deadlineMs = deadlineMs;
  }

  async ensure(account: NewSideAccount, { dryRun, signal }: EnsureOptions): Promise<Ensured> {
    const { id, address, login, aliases, quotaBytes, hash, hashBefore } = account;
    // What it would do only it knows, and nothing makes it only look.
    if (dryRun) return { changes: ['call the program'], hash };
    const secrets = [hash, hashBefore];
    const told = {
      id,
      address,
      login,
      aliases,
      quotaBytes,
      passwordHash: hash?.reveal() ?? null,
      passwordHashBefore: hashBefore?.reveal() ?? null,
    };
    const answer = await this.#call({ version, do: 'ensure', account: told }, secrets, signal);
    const changes = (answer as { readonly changes?: unknown }).changes;
    if (!Array.isArray(changes)) throw refused(this.name, 'its answer has no list of changes');
    const words = changes
      .slice(0, changesAtMost)
      .map((change) => quoted(String(change), secrets).slice(0, 200));
    return { changes: words, hash };
  }

  async test(signal: AbortSignal): Promise<TestAnswer> {
    const answer = await this.#call({ version, do: 'test' }, [], signal);
    const { text } = answer as { readonly text?: unknown };
    return { text: typeof text === 'string' ? quoted(text, []) : 'the program answers' };
  }

  async #call(input: object, secrets: readonly (Secret | null)[], signal: AbortSignal): Promise<object> {
    const end = await runProgram({ argv: this.#argv, input, deadlineMs: this.#deadlineMs, signal });
    if (end.kind !== 'ended' || end.code !== 0) throw this.#fault(end, secrets);
    try {
      const answer: unknown = JSON.parse(end.stdout);
      if (typeof answer === 'object' && answer !== null) return answer;
    } catch {
      // Said below.
    }
    throw refused(this.name, 'ended with 0, but its answer is no JSON object');
  }

  #fault(end: ProgramEnd, secrets: readonly (Secret | null)[]): Error {
    const text = quoted(endText(end), secrets);
    const later =
      end.kind === 'too-slow' || end.kind === 'killed' || (end.kind === 'ended' && end.code === tryLater);
    return later ? pending(this.name, text) : refused(this.name, text);
  }
}
