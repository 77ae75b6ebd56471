/**
 * Postfix's configuration on this host, changed by its own tools (postconf(1), postfix(1)). What was changed is written down
 * beside the small tables, so that it can be taken back from a configuration that went on changing meanwhile.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MailferryError } from '../base/errors.ts';
import { withOurs, withoutOurs } from './postfix-lists.ts';
import { asked, type MainSetting, type PostfixSettings } from './postfix-settings.ts';

/** What is in force because of us. */
interface Applied {
  readonly main: readonly (Pick<MainSetting, 'name' | 'how' | 'value'> & {
    /** As main.cf had it before; null where it had nothing. */
    readonly before: string | null;
    /** In force before, Postfix's own default where main.cf had nothing. */
    readonly base: string;
  })[];
  readonly services: readonly string[];
  readonly files: readonly string[];
}

/** One line each of what is different. */
export type Change =
  | { readonly kind: 'main'; readonly name: string; readonly from: string | null; readonly to: string | null }
  | { readonly kind: 'service'; readonly name: string; readonly to: string | null }
  | { readonly kind: 'file'; readonly name: string; readonly to: string | null };

const nothing: Applied = { main: [], services: [], files: [] };
const toolDeadlineMs = 30_000;

export class PostfixHost {
  readonly configDirectory: string;
  /** Of the small tables and of what was changed. */
  readonly files: string;

  constructor(configDirectory: string) {
    this.configDirectory = configDirectory;
    this.files = join(configDirectory, 'mailferry');
  }

  /** What the settings depend on, without what is ours; and the chroot column of the service `smtp`. */
  async look(): Promise<{ readonly current: Record<string, string>; readonly chroot: string }> {
    const applied = this.#applied();
    const current: Record<string, string> = {};
    for (const [name, value] of await this.#values(asked)) {
      const mine = applied.main.find((one) => one.name === name);
      const rest = mine === undefined ? value : withoutOurs(value, mine.value);
      current[name] = (mine?.how === 'set' ? mine.base : rest) ?? value;
    }
    const columns = (await this.#tool('postconf', ['-M', 'smtp/unix'])).trim().split(/\s+/);
    return { current, chroot: columns[4] ?? '-' };
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
   * Puts the settings in force, up to the reload. Gives what was changed. Throws `postfix-refused` where Postfix does not take
   * them; then all is as it was.
   */
  async apply(settings: PostfixSettings): Promise<readonly Change[]> {
    const changes = await this.changes(settings);
    if (changes.length === 0) return changes;
    await this.#orAsBefore(async () => {
      this.#writeDown(
        settings,
        await this.#explicit(),
        await this.#values(settings.main.map(({ name }) => name)),
      );
      await this.#carryOut(changes, settings);
    });
    return changes;
  }

  /** What `undo` would change. */
  async undoing(): Promise<Change[]> {
    return await this.changes({ main: [], services: [], files: [] });
  }

  /** Takes back what `apply` did, and nothing that others changed since. */
  async undo(): Promise<readonly Change[]> {
    const changes = await this.undoing();
    await this.#orAsBefore(async () => {
      await this.#carryOut(changes, { main: [], services: [], files: [] });
      rmSync(this.files, { recursive: true, force: true });
    });
    return changes;
  }

  #wanted(setting: MainSetting, value: string, applied: Applied): string {
    if (setting.how === 'set') return setting.value;
    const mine = applied.main.find(({ name }) => name === setting.name);
    const rest = mine === undefined ? value : (withoutOurs(value, mine.value) ?? value);
    return withOurs(rest, setting.value, setting.how);
  }

  async #serviceChanges({ services }: PostfixSettings, applied: Applied): Promise<Change[]> {
    const there = parameterLines(await this.#tool('postconf', ['-P']));
    const lines = await this.#tool('postconf', ['-M']);
    const line = (name: string) =>
      lines
        .split('\n')
        .find((one) => one.split(/\s+/)[0] === name && one.split(/\s+/)[1] === 'unix')
        ?.trim()
        .split(/\s+/)
        .slice(0, 8)
        .join(' ') ?? null;
    const changed = services.flatMap((service): Change[] => {
      const name = service.line.split(' ')[0] ?? '';
      const wanted = service.options.map((option) => `${option.name} = ${option.value}`.trim()).sort();
      const now = (there.get(name) ?? []).sort();
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
    const changed = files.flatMap(({ name, text }): Change[] =>
      there(name) === text ? [] : [{ kind: 'file', name, to: text }],
    );
    const gone = applied.files.filter(
      (name) => !files.some((file) => file.name === name) && there(name) !== null,
    );
    return [...changed, ...gone.map((name): Change => ({ kind: 'file', name, to: null }))];
  }

  async #carryOut(changes: readonly Change[], { services }: PostfixSettings): Promise<void> {
    const written: string[] = [];
    const removed: string[] = [];
    for (const change of changes) {
      if (change.kind === 'file') {
        const file = join(this.files, change.name);
        if (change.to === null) rmSync(file, { force: true });
        else writeFileSync(file, change.to, { mode: 0o644 });
      } else if (change.kind === 'main') {
        if (change.to === null) removed.push(change.name);
        else written.push(`${change.name}=${change.to}`);
      } else {
        const key = `${change.name}/unix`;
        if (change.to === null) await this.#tool('postconf', ['-MX', key]);
        else {
          const options = services.find(({ line }) => line === change.to)?.options ?? [];
          await this.#tool('postconf', ['-Me', `${key}=${change.to}`]);
          await this.#tool('postconf', [
            '-Pe',
            ...options.map(({ name, value }) => `${key}/${name}=${value}`),
          ]);
        }
      }
    }
    if (written.length > 0) await this.#tool('postconf', ['-e', ...written]);
    if (removed.length > 0) await this.#tool('postconf', ['-X', ...removed]);
    await this.#tool('postfix', ['check']);
  }

  /** Postfix's two files and our own as they were, where the work fails. */
  async #orAsBefore(work: () => Promise<void>): Promise<void> {
    const names = ['main.cf', 'master.cf'].map((name) => join(this.configDirectory, name));
    const before = names.map((name) => readFileSync(name));
    const manifest = existsSync(this.#manifest) ? readFileSync(this.#manifest) : null;
    try {
      await work();
    } catch (error) {
      for (const [i, name] of names.entries()) writeFileSync(name, before[i] ?? '');
      if (manifest !== null) writeFileSync(this.#manifest, manifest);
      else rmSync(this.files, { recursive: true, force: true });
      throw error;
    }
  }

  /** Before anything is changed: a run that is cut off can still be taken back. */
  #writeDown(
    { main, services, files }: PostfixSettings,
    explicit: ReadonlyMap<string, string>,
    values: ReadonlyMap<string, string>,
  ): void {
    const applied = this.#applied();
    mkdirSync(this.files, { recursive: true, mode: 0o755 });
    for (const name of ['main.cf', 'master.cf']) {
      const kept = join(this.files, `${name}.before`);
      if (!existsSync(kept)) copyFileSync(join(this.configDirectory, name), kept);
    }
    const next: Applied = {
      main: main.map(({ name, how, value }) => {
        const earlier = applied.main.find((one) => one.name === name);
        const { before = explicit.get(name) ?? null, base = values.get(name) ?? '' } = earlier ?? {};
        return { name, how, value, before, base };
      }),
      services: services.map(({ line }) => line.split(' ')[0] ?? ''),
      files: files.map(({ name }) => name),
    };
    // What is on its way out stays written down until it is out.
    const leaving = <T>(before: readonly T[], now: readonly T[], key: (one: T) => string): T[] => [
      ...now,
      ...before.filter((one) => !now.some((other) => key(other) === key(one))),
    ];
    const text = {
      main: leaving(applied.main, next.main, ({ name }) => name),
      services: leaving(applied.services, next.services, (name) => name),
      files: leaving(applied.files, next.files, (name) => name),
    };
    writeFileSync(this.#manifest, `${JSON.stringify(text, null, 2)}\n`, { mode: 0o644 });
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

  /** What main.cf itself says. */
  async #explicit(): Promise<ReadonlyMap<string, string>> {
    return valueLines(await this.#tool('postconf', ['-n']));
  }

  #tool(name: 'postconf' | 'postfix', args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const all = ['-c', this.configDirectory, ...args];
      execFile(name, all, { timeout: toolDeadlineMs, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else {
          const said = stderr.trim() || error.message;
          reject(new MailferryError('postfix-refused', `${name} ${args.slice(0, 2).join(' ')}: ${said}`));
        }
      });
    });
  }
}

/** What is left of a value when ours is taken out; null where main.cf had nothing. */
function theirs({ how, value, before, base }: Applied['main'][number], now: string): string | null {
  if (how === 'set') return now === value ? before : now;
  const rest = withoutOurs(now, value) ?? now;
  return before === null && (rest === '' || withoutOurs(rest, base) === '') ? null : rest;
}

/** `name = value` lines. */
function valueLines(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
}

/** `service/unix/name = value` lines of `postconf -P`, by service. */
function parameterLines(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, service, parameter] = /^([^/]+)\/unix\/(.*)$/.exec(line.trim()) ?? [];
    if (service === undefined || parameter === undefined) continue;
    found.set(service, [...(found.get(service) ?? []), parameter.replace(/ =\s*$/, ' =')]);
  }
  return found;
}
