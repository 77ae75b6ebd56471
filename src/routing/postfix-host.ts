/**
 * Postfix's configuration on this host, changed by its own tools (postconf(1), postfix(1)). What was changed is written down
 * beside the small tables, so that it can be taken back from a configuration that went on changing meanwhile.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { MailferryError } from '../base/errors.ts';
import { type Applied, both, nothing, theirs, without } from './postfix-applied.ts';
import { withOurs } from './postfix-lists.ts';
import { parameterLines, type PostfixService, serviceLines, valueLines } from './postfix-output.ts';
import {
  asked,
  askedExpanded,
  type FileSetting,
  type MainSetting,
  type PostfixSettings,
} from './postfix-site.ts';

/** One line each of what is different. */
export type Change =
  | { readonly kind: 'main'; readonly name: string; readonly from: string | null; readonly to: string | null }
  | { readonly kind: 'service'; readonly name: string; readonly to: string | null }
  | { readonly kind: 'file'; readonly name: string; readonly to: string | null };

export interface PostfixLook {
  readonly current: Record<string, string>;
  readonly services: readonly PostfixService[];
}

const toolDeadlineMs = 30_000;

export class PostfixHost {
  readonly configDirectory: string;
  /** Of the small tables and of what was changed. */
  readonly files: string;
  readonly #signal: AbortSignal | undefined;

  /** `signal` ends its tools. */
  constructor(configDirectory: string, signal?: AbortSignal) {
    this.configDirectory = configDirectory;
    this.files = join(configDirectory, 'mailferry');
    this.#signal = signal;
  }

  /** Whether anything of ours is in force, and what the command was told that put it there. */
  get applied(): { readonly told: unknown } | null {
    return existsSync(this.#manifest) ? { told: this.#applied().told ?? null } : null;
  }

  /** What the settings depend on, without what is ours; and the services of master.cf. */
  async look(): Promise<PostfixLook> {
    const applied = this.#applied();
    const current: Record<string, string> = {};
    const values = [...(await this.#values(asked)), ...(await this.#values(['-x', ...askedExpanded]))];
    for (const [name, value] of values) {
      const mine = applied.main.find((one) => one.name === name);
      current[name] = (mine?.how === 'set' ? mine.base : mine && without(value, mine)) ?? value;
    }
    const options = parameterLines(await this.#tool('postconf', ['-P']));
    return { current, services: serviceLines(await this.#tool('postconf', ['-M']), options) };
  }

  /** Null where Postfix can read the table; else what it says. */
  async unreadable(table: string): Promise<string | null> {
    try {
      await this.#tool('postmap', ['-q', 'probe@invalid', table], 1);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** The same for a table that is described by a file of ours, before it is in its place. */
  async unreadableFile(type: string, { name, text, whole }: FileSetting): Promise<string | null> {
    const dir = mkdtempSync(join(tmpdir(), 'mailferry-probe-'));
    try {
      writeFileSync(join(dir, name), whole?.reveal() ?? text, { mode: 0o600 });
      return await this.unreadable(`${type}:${join(dir, name)}`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  /** Whether this Postfix can read tables of the type. */
  async hasTableType(type: string): Promise<boolean> {
    return (await this.#tool('postconf', ['-m'])).split(/\s+/).includes(type);
  }

  /** What `apply` would change; empty where all is in force. */
  async changes(settings: PostfixSettings): Promise<Change[]> {
    const applied = this.#applied();
    const explicit = await this.#explicit();
    const values = await this.#values(settings.main.map(({ name }) => name));
    const main = settings.main.flatMap((setting): Change[] => {
      const from = explicit.get(setting.name) ?? null;
      const to = this.#wanted(setting, values.get(setting.name) ?? '', applied);
      return from === to ? [] : [{ kind: 'main', name: setting.name, from, to }];
    });
    const gone = applied.main
      .filter(({ name }) => !settings.main.some((one) => one.name === name))
      .flatMap((mine): Change[] => {
        const from = explicit.get(mine.name) ?? null;
        const to = from === null ? null : theirs(mine, from);
        return from === to ? [] : [{ kind: 'main', name: mine.name, from, to }];
      });
    return [
      ...main,
      ...gone,
      ...(await this.#serviceChanges(settings, applied)),
      ...this.#fileChanges(settings, applied),
    ];
  }

  /**
   * Puts the settings in force, up to the reload, and writes down what was told (as JSON has it, without secrets). Gives what
   * was changed. Throws `postfix-refused` where Postfix does not take them; then all is as it was.
   */
  async apply(settings: PostfixSettings, told: unknown = null): Promise<readonly Change[]> {
    const changes = await this.changes(settings);
    if (changes.length === 0 && isDeepStrictEqual(this.#applied().told ?? null, told)) return changes;
    await this.#orAsBefore(async () => {
      const values = await this.#values(settings.main.map(({ name }) => name));
      const next = { ...this.#next(settings, await this.#explicit(), values), told };
      // Before anything is changed, with what was before: a run that is cut off can still be taken back.
      this.#writeDown(both(this.#applied(), next));
      await this.#carryOut(changes, settings);
      this.#writeDown(next);
    });
    return changes;
  }

  /** What `undo` would change. */
  async undoing(): Promise<Change[]> {
    return await this.changes({ main: [], services: [], files: [] });
  }

  /** Takes back what `apply` did, and nothing that others changed since. Throws `postfix-refused` where ours is still named. */
  async undo(): Promise<readonly Change[]> {
    const changes = await this.undoing();
    await this.#orAsBefore(async () => {
      await this.#carryOut(changes, { main: [], services: [], files: [] });
      const said = `${await this.#tool('postconf', ['-n'])}\n${await this.#tool('postconf', ['-P'])}`;
      const naming = said.split('\n').filter((line) => line.includes(`${this.files}/`));
      if (naming.length > 0)
        throw new MailferryError(
          'postfix-refused',
          `${this.files} is still needed; take it out first of: ${naming.map((line) => line.split('=')[0]?.trim()).join(', ')}`,
        );
      if (existsSync(this.#manifest)) rmSync(this.files, { recursive: true, force: true });
    });
    return changes;
  }

  #wanted(setting: MainSetting, value: string, applied: Applied): string {
    if (setting.how === 'set') return setting.value;
    const mine = applied.main.find(({ name }) => name === setting.name);
    return withOurs((mine && without(value, mine)) ?? value, setting.value, setting.how);
  }

  async #serviceChanges({ services }: PostfixSettings, applied: Applied): Promise<Change[]> {
    const there = parameterLines(await this.#tool('postconf', ['-P']));
    const lines = serviceLines(await this.#tool('postconf', ['-M']), there);
    const line = (name: string) =>
      lines.find((one) => one.name === name && one.type === 'unix')?.line ?? null;
    const changed = services.flatMap((service): Change[] => {
      const name = service.line.split(' ')[0] ?? '';
      const wanted = service.options.map((option) => `${option.name} = ${option.value}`.trim()).sort();
      const now = [...(there.get(`${name}/unix`) ?? [])].map((one) => one.join(' = ').trim()).sort();
      const same = line(name) === service.line && wanted.join('\n') === now.join('\n');
      return same ? [] : [{ kind: 'service', name, to: service.line }];
    });
    const kept = services.map((service) => service.line.split(' ')[0]);
    const gone = applied.services.filter((name) => !kept.includes(name) && line(name) !== null);
    return [...changed, ...gone.map((name): Change => ({ kind: 'service', name, to: null }))];
  }

  #fileChanges({ files }: PostfixSettings, applied: Applied): Change[] {
    const there = (name: string) => {
      const file = join(this.files, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    };
    const changed = files.flatMap(({ name, text, whole }): Change[] =>
      there(name) === (whole?.reveal() ?? text) ? [] : [{ kind: 'file', name, to: text }],
    );
    const gone = applied.files.filter(
      (name) => !files.some((file) => file.name === name) && there(name) !== null,
    );
    return [...changed, ...gone.map((name): Change => ({ kind: 'file', name, to: null }))];
  }

  /** What is named is there before its name is, and goes after it: a run that is cut off leaves nothing that is missed. */
  async #carryOut(changes: readonly Change[], { services, files }: PostfixSettings): Promise<void> {
    const of = <K extends Change['kind']>(kind: K) =>
      changes.filter((change): change is Extract<Change, { kind: K }> => change.kind === kind);
    for (const { name, to } of of('file')) {
      const file = files.find((one) => one.name === name);
      if (to !== null && file !== undefined) await this.#writeFile(file);
    }
    for (const { name, to } of of('service')) {
      if (to === null) continue;
      const key = `${name}/unix`;
      const options = services.find(({ line }) => line === to)?.options ?? [];
      await this.#tool('postconf', ['-Me', `${key}=${to}`]);
      await this.#tool('postconf', ['-Pe', ...options.map((one) => `${key}/${one.name}=${one.value}`)]);
    }
    const written = of('main').flatMap(({ name, to }) => (to === null ? [] : [`${name}=${to}`]));
    const removed = of('main').flatMap(({ name, to }) => (to === null ? [name] : []));
    if (written.length > 0) await this.#tool('postconf', ['-e', ...written]);
    if (removed.length > 0) await this.#tool('postconf', ['-X', ...removed]);
    for (const { name, to } of of('service'))
      if (to === null) await this.#tool('postconf', ['-MX', `${name}/unix`]);
    await this.#tool('postfix', ['check']);
    for (const { name, to } of of('file')) if (to === null) rmSync(join(this.files, name), { force: true });
  }

  /** What has a secret in it is for root and for Postfix's own processes, which run as the group of mail_owner. */
  async #writeFile({ name, text, whole }: FileSetting): Promise<void> {
    const file = join(this.files, name);
    if (whole === undefined) {
      writeFileSync(file, text, { mode: 0o644 });
      return;
    }
    const owner = (await this.#tool('postconf', ['-h', 'mail_owner'])).trim();
    const group = Number(await run('id', ['-g', owner]));
    // Its mode comes first: nobody else may open it in between.
    rmSync(file, { force: true });
    writeFileSync(file, '', { mode: 0o600 });
    chownSync(file, 0, group);
    chmodSync(file, 0o640);
    writeFileSync(file, whole.reveal());
  }

  /** Postfix's two files and our own as they were, where the work fails. */
  async #orAsBefore(work: () => Promise<void>): Promise<void> {
    const read = (folder: string, names: readonly string[]) =>
      names.map((name) => {
        const file = join(folder, name);
        return { file, content: readFileSync(file), was: statSync(file) };
      });
    const ours = existsSync(this.files) ? read(this.files, readdirSync(this.files)) : null;
    const own = read(this.configDirectory, ['main.cf', 'master.cf']);
    try {
      await work();
    } catch (error) {
      if (ours !== null) mkdirSync(this.files, { recursive: true, mode: 0o755 });
      for (const { file, content, was } of [...(ours ?? []), ...own]) {
        writeFileSync(file, content, { mode: 0o600 });
        chownSync(file, was.uid, was.gid);
        chmodSync(file, was.mode);
      }
      const before = ours?.map(({ file }) => file) ?? [];
      for (const name of existsSync(this.files) ? readdirSync(this.files) : [])
        if (!before.includes(join(this.files, name))) rmSync(join(this.files, name));
      if (ours === null) rmSync(this.files, { recursive: true, force: true });
      throw error;
    }
  }

  #next(
    { main, services, files }: PostfixSettings,
    explicit: ReadonlyMap<string, string>,
    values: ReadonlyMap<string, string>,
  ): Applied {
    const applied = this.#applied();
    return {
      main: main.map(({ name, how, value }) => {
        const earlier = applied.main.find((one) => one.name === name);
        const { before = explicit.get(name) ?? null, base = values.get(name) ?? '' } = earlier ?? {};
        return { name, how, values: [value], before, base };
      }),
      services: services.map(({ line }) => line.split(' ')[0] ?? ''),
      files: files.map(({ name }) => name),
    };
  }

  #writeDown(applied: Applied): void {
    mkdirSync(this.files, { recursive: true, mode: 0o755 });
    for (const name of ['main.cf', 'master.cf']) {
      const kept = join(this.files, `${name}.before`);
      if (!existsSync(kept)) copyFileSync(join(this.configDirectory, name), kept);
    }
    // Whole or as before: what is not written down cannot be taken back.
    writeFileSync(`${this.#manifest}.new`, `${JSON.stringify(applied, null, 2)}\n`, { mode: 0o644 });
    renameSync(`${this.#manifest}.new`, this.#manifest);
  }

  get #manifest(): string {
    return join(this.files, 'applied.json');
  }

  #applied(): Applied {
    return existsSync(this.#manifest)
      ? (JSON.parse(readFileSync(this.#manifest, 'utf8')) as Applied)
      : nothing;
  }

  /** In force, by name: as it is set, or Postfix's own default; no name is expanded. */
  async #values(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return names.length === 0 ? new Map() : valueLines(await this.#tool('postconf', [...names]));
  }

  /** What main.cf itself says; ours also where nothing names it any more, which `postconf -n` leaves out. */
  async #explicit(): Promise<ReadonlyMap<string, string>> {
    const text = readFileSync(join(this.configDirectory, 'main.cf'), 'utf8');
    const ours = text.split('\n').filter((line) => line.startsWith('mailferry'));
    return new Map([...valueLines(ours.join('\n')), ...valueLines(await this.#tool('postconf', ['-n']))]);
  }

  /** `silent`: an exit code that is no failure where none was said (of the configuration it may say things, too). */
  #tool(name: 'postconf' | 'postfix' | 'postmap', args: readonly string[], silent = 0): Promise<string> {
    return run(name, ['-c', this.configDirectory, ...args], silent, this.#signal);
  }
}

function run(name: string, args: readonly string[], silent = 0, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: toolDeadlineMs, maxBuffer: 1 << 24, ...(signal && { signal }) };
    execFile(name, args, options, (error, stdout, stderr) => {
      if (error === null || (error.code === silent && !/(fatal|error|is unavailable)/.test(stderr)))
        resolve(stdout);
      else {
        const said = stderr.trim() || error.message;
        const what = args[0] === '-c' ? args.slice(2, 4) : args.slice(0, 2);
        reject(new MailferryError('postfix-refused', `${name} ${what.join(' ')}: ${said}`));
      }
    });
  });
}
