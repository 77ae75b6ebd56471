/** What Postfix's tools print of its configuration (postconf(1)). Pure. */

/** Of master.cf. */
export interface PostfixService {
  readonly name: string;
  readonly type: string;
  /** `y`, `n`, or `-` for Postfix's default. */
  readonly chroot: string;
  readonly command: string;
  /** The eight columns. */
  readonly line: string;
  /** Values that hold for it instead of those in main.cf. */
  readonly options: ReadonlyMap<string, string>;
}

/** `name = value` lines. */
export function valueLines(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const];
    }),
  );
}

/** `service/type/name = value` lines of `postconf -P`, by `service/type`. */
export function parameterLines(text: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [path, value] of valueLines(text)) {
    const [, service, parameter] = /^(.*\/[a-z-]+)\/(\w+)$/.exec(path) ?? [];
    if (service === undefined || parameter === undefined) continue;
    found.set(service, (found.get(service) ?? new Map<string, string>()).set(parameter, value));
  }
  return found;
}

/** Lines of `postconf -M`. */
export function serviceLines(
  text: string,
  options: ReadonlyMap<string, ReadonlyMap<string, string>>,
): PostfixService[] {
  return text.split('\n').flatMap((one) => {
    const columns = one.trim().split(/\s+/).slice(0, 8);
    const [name = '', type = '', , , chroot = '-', , , command = ''] = columns;
    if (columns.length < 8) return [];
    const own = options.get(`${name}/${type}`) ?? new Map<string, string>();
    return [{ name, type, chroot, command, line: columns.join(' '), options: own }];
  });
}
