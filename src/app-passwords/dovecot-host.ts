/** Dovecot's configuration on this host: files of ours are put beside its own, and taken away again. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MailferryError } from '../base/errors.ts';
import type { DovecotFile, DovecotVersion } from './dovecot-settings.ts';

const toolDeadlineMs = 30_000;

const notRead = (directory: string) =>
  new MailferryError(
    'dovecot-refused',
    `Dovecot reads no files in ${directory}/conf.d: put "!include conf.d/*.conf" into ${directory}/dovecot.conf, before its own passdbs`,
  );

export class DovecotHost {
  readonly #directory: string;

  constructor(configDirectory: string) {
    this.#directory = configDirectory;
  }

  /** Throws `dovecot-refused` where there is no Dovecot, or one of another line. */
  async version(): Promise<DovecotVersion> {
    const text = await this.#run('dovecot', ['--version']);
    const found = (['2.3', '2.4'] as const).find((one) => text.startsWith(`${one}.`));
    if (found === undefined)
      throw new MailferryError('dovecot-refused', `Dovecot ${text.trim()} is neither 2.3 nor 2.4`);
    return found;
  }

  /** As its `protocols` say: imap, pop3, sieve, submission, lmtp. Throws `dovecot-refused`. */
  async protocols(): Promise<string[]> {
    const file = join(this.#directory, 'dovecot.conf');
    return (await this.#run('doveconf', ['-c', file, '-h', 'protocols'])).split(/\s+/).filter(Boolean);
  }

  /** All that is not as Dovecot has it by itself. Throws `dovecot-refused`. */
  async settings(): Promise<string> {
    return await this.#run('doveconf', ['-c', join(this.#directory, 'dovecot.conf'), '-n']);
  }

  /** Names of the files that are not so yet. */
  changes(files: readonly DovecotFile[]): string[] {
    return files.filter(({ name, text }) => this.#read(name) !== text).map(({ name }) => name);
  }

  /**
   * Up to the reload. Gives the names of what was changed. Throws `dovecot-refused` where Dovecot does not take it; then all is
   * as it was.
   */
  async apply(files: readonly DovecotFile[]): Promise<string[]> {
    const changed = this.changes(files);
    if (changed.length > 0) {
      if (!existsSync(join(this.#directory, 'conf.d'))) throw notRead(this.#directory);
      await this.#orAsBefore(files, () => this.#write(files), true);
    }
    return changed;
  }

  /** Names of those that are there. */
  there(files: readonly DovecotFile[]): string[] {
    return files.filter(({ name }) => this.#read(name) !== null).map(({ name }) => name);
  }

  async undo(files: readonly DovecotFile[]): Promise<string[]> {
    const gone = this.there(files);
    if (gone.length > 0)
      await this.#orAsBefore(files, () => {
        for (const name of gone) rmSync(join(this.#directory, name));
      });
    return gone;
  }

  #write(files: readonly DovecotFile[]): void {
    for (const { name, text, mode } of files) writeFileSync(join(this.#directory, name), text, { mode });
  }

  #read(name: string): string | null {
    const file = join(this.#directory, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  /** Dovecot has the last word. */
  async #orAsBefore(files: readonly DovecotFile[], work: () => void, shown = false): Promise<void> {
    const before = files.map(({ name }) => this.#read(name));
    try {
      work();
      const settings = await this.settings();
      if (shown && !settings.includes('mailferry')) throw notRead(this.#directory);
    } catch (error) {
      for (const [i, { name, mode }] of files.entries()) {
        const text = before[i] ?? null;
        if (text === null) rmSync(join(this.#directory, name), { force: true });
        else writeFileSync(join(this.#directory, name), text, { mode });
      }
      throw error;
    }
  }

  #run(name: 'dovecot' | 'doveconf', args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(name, args, { timeout: toolDeadlineMs, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new MailferryError('dovecot-refused', `${name}: ${stderr.trim() || error.message}`));
      });
    });
  }
}
