/** What is in force in Postfix's configuration because of us, and what is left when it is taken out. Pure. */
import { elementsOf, withoutOurs } from './postfix-lists.ts';
import type { MainSetting } from './postfix-site.ts';

/** What is in force because of us. */
export interface Applied {
  readonly main: readonly (Pick<MainSetting, 'name' | 'how'> & {
    /** While a change is carried out, that from before it as well. */
    readonly values: readonly string[];
    /** As main.cf had it before; null where it had nothing. */
    readonly before: string | null;
    /** In force before, Postfix's own default where main.cf had nothing. */
    readonly base: string;
  })[];
  readonly services: readonly string[];
  readonly files: readonly string[];
  /** What the command was told that put it in force, as JSON; nothing where nobody wrote it down. */
  readonly told?: unknown;
}

export const nothing: Applied = { main: [], services: [], files: [] };

/** The value without ours; null where nothing of ours is in it. */
export const without = (value: string, { values }: Applied['main'][number]): string | null =>
  withoutOurs(value, values.join(' '));

/** What is left of a value when ours is taken out; null where main.cf had nothing. */
export function theirs(mine: Applied['main'][number], now: string): string | null {
  const { how, values, before, base } = mine;
  if (how === 'set') return values.includes(now) ? before : now;
  const rest = without(now, mine) ?? now;
  return before === null && (rest === '' || elementsOf(rest).join(' ') === elementsOf(base).join(' '))
    ? null
    : rest;
}

/** What may be in force until the one has taken the other's place. */
export function both(before: Applied, next: Applied): Applied {
  const values = (name: string) => before.main.find((one) => one.name === name)?.values ?? [];
  const gone = before.main.filter(({ name }) => !next.main.some((one) => one.name === name));
  return {
    main: [
      ...next.main.map((one) => ({ ...one, values: [...new Set([...one.values, ...values(one.name)])] })),
      ...gone,
    ],
    services: [...new Set([...next.services, ...before.services])],
    files: [...new Set([...next.files, ...before.files])],
    told: next.told,
  };
}
