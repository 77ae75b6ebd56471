/** The port to whoever knows which addresses old has; and the sources that read text. */
import { flatInSlices } from '../base/slices.ts';
import { readAddress } from '../state/database/address-form.ts';
import { linesOf } from './passwd-file.ts';

export interface ListedAddress {
  /** In the form of `readAddress`. */
  readonly address: string;
  /** As old takes it. */
  readonly login: string;
  readonly quotaBytes: number | null;
  readonly aliases: readonly string[];
  readonly team: string | null;
}

export interface AddressSource {
  /** As in the configuration. */
  readonly name: string;
  /** All that old has, whole or not at all: what cannot be read to its end rejects. */
  list(signal: AbortSignal): Promise<readonly ListedAddress[]>;
}

/** Null where it is no address, also with the domain: `root`, a login of the system. */
export function listedAddress(
  login: string,
  domain: string | null,
  more: Partial<Omit<ListedAddress, 'login'>> = {},
): ListedAddress | null {
  const written = more.address ?? (login.includes('@') || domain === null ? login : `${login}@${domain}`);
  const address = readAddress(written);
  if (address === null || /\p{Cc}/u.test(login)) return null;
  const aliases = (more.aliases ?? []).flatMap((one) => readAddress(one) ?? []);
  return { address, login, quotaBytes: more.quotaBytes ?? null, aliases, team: more.team ?? null };
}

/**
 * One line each: an address, a login, or a JSON object with `login` or `address` and, where known, `quotaBytes`, `aliases` and
 * `team`. Rejects for a line that begins as JSON and is none.
 */
export function listedLines(text: string, domain: string | null): Promise<ListedAddress[]> {
  return flatInSlices(linesOf(text), (line) => {
    const plain = line.trim();
    if (plain === '' || plain.startsWith('#')) return [];
    const one = plain.startsWith('{')
      ? ofObject(JSON.parse(plain) as object, domain)
      : listedAddress(plain, domain);
    return one === null ? [] : [one];
  });
}

/** As `listedLines` takes it; also a row of a database, whose names may be in any case and have underscores. */
export function ofObject(object: object, domain: string | null): ListedAddress | null {
  const fields = new Map(
    Object.entries(object).map(([name, value]) => [name.toLowerCase().replaceAll('_', ''), value]),
  );
  const text = (name: string): string | null => {
    const value: unknown = fields.get(name);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const address = text('address');
  const login = text('login') ?? address;
  if (login === null) return null;
  const quota = Number(fields.get('quotabytes') ?? 0);
  const aliases: unknown = fields.get('aliases');
  return listedAddress(login, domain, {
    ...(address === null ? {} : { address }),
    quotaBytes: Number.isSafeInteger(quota) && quota > 0 ? quota : null,
    aliases: Array.isArray(aliases)
      ? aliases.map(String)
      : typeof aliases === 'string'
        ? aliases.split(/[\s,]+/)
        : [],
    team: text('team'),
  });
}
