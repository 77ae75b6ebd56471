/**
 * Keeps a table of Postfix in LMDB by Postfix's own tool (postmap(1)): all of it by one rebuild, single changes by
 * `postmap -r -i` and `-d`. Postfix reads it natively; nothing of ours has to run for mail to flow.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { MailferryError } from '../base/errors.ts';

export interface PostmapOptions {
  /** Without `.lmdb`, which postmap adds. */
  readonly file: string;
  /** The program, where it is not in the path. */
  readonly command?: string;
  /** Postfix's configuration directory, where it is not the host's own. */
  readonly configDirectory?: string;
}

/** `postmap` that takes longer hangs: a rebuild of 200,000 rows takes half a second. */
const deadlineMs = 60_000;
/** Changes beyond this cost more than to make the table anew: each is a transaction of its own. */
const fewChanges = 200;
const maxSaidBytes = 4_096;

export interface TableChanges {
  readonly set: readonly { readonly key: string; readonly value: string }[];
  readonly removed: readonly string[];
}

export class PostmapTable {
  readonly #options: PostmapOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PostmapOptions) {
    this.#options = options;
  }

  get exists(): boolean {
    return existsSync(`${this.#options.file}.lmdb`);
  }

  /** Whether so many changes are better made by a rebuild. */
  static isMany({ set, removed }: TableChanges): boolean {
    return set.length + removed.length > fewChanges;
  }

  /** Makes the table anew from its rows, `key value`; those who read see the old one or the new one, none in between. */
  async rebuild(rows: Iterable<{ readonly key: string; readonly value: string }>): Promise<void> {
    await this.#alone(async () => {
      const { file } = this.#options;
      const source = `${file}.rebuilding`;
      const handle = await open(source, 'w', 0o644);
      try {
        let text = '';
        for (const { key, value } of rows) {
          text += `${key} ${value}\n`;
          if (text.length > 1_000_000) {
            await handle.write(text);
            text = '';
          }
        }
        await handle.write(text);
      } finally {
        await handle.close();
      }
      // postmap empties and fills the table that is there within one transaction, so that open readers see it.
      renameSync(source, file);
      await this.#postmap([`lmdb:${file}`]);
      chmodSync(`${file}.lmdb`, 0o644);
      rmSync(file, { force: true });
    });
  }

  /** Single changes; others go on reading meanwhile. */
  async change({ set, removed }: TableChanges): Promise<void> {
    await this.#alone(async () => {
      const map = `lmdb:${this.#options.file}`;
      if (set.length > 0)
        await this.#postmap(['-r', '-i', map], set.map(({ key, value }) => `${key} ${value}\n`).join(''));
      if (removed.length > 0) {
        // Where a key was not there it ends with 1 and says nothing: gone is gone.
        await this.#postmap(['-d', '-', map], removed.map((key) => `${key}\n`).join(''), [0, 1]);
      }
    });
  }

  /** One after the other: two programs that write one table wait for each other anyhow, and their order would be chance. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => {});
    await mine;
  }

  async #postmap(args: readonly string[], input = '', good: readonly number[] = [0]): Promise<void> {
    const { command = 'postmap', configDirectory } = this.#options;
    const place = configDirectory === undefined ? [] : ['-c', configDirectory];
    const { code, said } = await run(command, [...place, ...args], input);
    // A key that is not there is no fault; a fault is said.
    if (code !== null && good.includes(code) && (code === 0 || said === '')) return;
    throw new MailferryError(
      'route-table-unwritable',
      `${command} ended with ${code ?? 'a signal'}: ${said}`,
    );
  }
}

function run(
  command: string,
  args: readonly string[],
  input: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((resolve) => {
    let said = '';
    const child: ChildProcess = spawn(command, args, {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: deadlineMs,
    });
    const end = (code: number | null) => resolve({ code, said: said.trim() });
    child.on('error', (error) => {
      said ||= error.message;
      end(null);
    });
    child.on('close', end);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < maxSaidBytes) said += text;
    });
    // It may end before it has read all.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
