/**
 * One row of a list, as texts by column, into what the database takes; or what is wrong with it. Pure. No fault repeats
 * what stands in a field: where columns slipped, it may be a password.
 */
import { Secret } from '../../base/secret.ts';
import { allowedText, faultText } from '../../domain/import-words.ts';
import type { Words } from '../../domain/trouble.ts';
import { maxAddressLength, readAddress } from '../../state/database/address-form.ts';
import type { ImportFault, ImportRow } from '../../state/database/import-decision.ts';
import { type TeamRight, teamRights } from '../../state/database/team-people.ts';
import { maxAliases, maxLoginLength, maxPasswordLength, maxTeamLength } from './limits.ts';

export const columns = [
  'address',
  'team',
  'old_login',
  'new_login',
  'quota',
  'aliases',
  'old_password',
  'new_password',
  'team_admin',
] as const;
export type Column = (typeof columns)[number];

const allowedAddress = allowedText.address(maxAddressLength);

/** `fields` holds what was given; an absent or empty field says nothing. */
export function readFields(
  line: number,
  fields: Readonly<Partial<Record<Column, string>>>,
): { readonly row: ImportRow | null; readonly faults: readonly ImportFault[] } {
  const faults: ImportFault[] = [];
  const fault = (column: Column, text: Words, allowed: Words): null => {
    faults.push({ line, column, text, allowed });
    return null;
  };
  const given = (column: Column): string | null => {
    const text = fields[column]?.trim() ?? '';
    return text === '' ? null : text;
  };
  const text = (column: Column, longest: number): string | null => {
    const value = given(column);
    if (value === null) return null;
    const what = allowedText.plainText(longest);
    if (hasControl(value)) return fault(column, faultText.control, what);
    return value.length > longest ? fault(column, faultText.long(value.length), what) : value;
  };
  const password = (column: Column): Secret | null => {
    // As it stands: a password may begin or end with a blank.
    const value = fields[column] ?? '';
    if (value === '') return null;
    if (value.length > maxPasswordLength || /[\u0000\r\n]/.test(value))
      return fault(column, faultText.noPassword, allowedText.password(maxPasswordLength));
    return new Secret(value);
  };

  const rights = (): readonly TeamRight[] | null => {
    const value = given('team_admin');
    if (value === null) return null;
    if (value.toLowerCase() === 'yes') return teamRights;
    const words = value.toLowerCase().split(/\s+/);
    const known = teamRights.filter((right) => words.includes(right));
    return known.length === new Set(words).size
      ? known
      : fault('team_admin', faultText.noRight, allowedText.rights(teamRights.join(', ')));
  };

  const named = given('address');
  const address = named === null ? null : readAddress(named);
  if (named === null) fault('address', faultText.missing, allowedAddress);
  else if (address === null) fault('address', faultText.noAddress, allowedAddress);
  const aliases: string[] = [];
  for (const one of (given('aliases') ?? '').split(/\s+/).filter((part) => part !== '')) {
    const alias = readAddress(one);
    if (alias === null) fault('aliases', faultText.noAddressIn, allowedText.addresses(maxAddressLength));
    else if (alias !== address && !aliases.includes(alias)) aliases.push(alias);
  }
  if (aliases.length > maxAliases)
    fault('aliases', faultText.tooManyAddresses(aliases.length), allowedText.atMost(maxAliases));
  const quotaText = given('quota');
  const quotaBytes = quotaText === null ? null : readQuota(quotaText);
  if (quotaText !== null && quotaBytes === null) fault('quota', faultText.noSize, allowedText.quota);
  const row = {
    line,
    address: address ?? '',
    team: text('team', maxTeamLength),
    oldLogin: text('old_login', maxLoginLength),
    newLogin: text('new_login', maxLoginLength),
    quotaBytes,
    aliases,
    oldPassword: password('old_password'),
    newPassword: password('new_password'),
    teamAdmin: rights(),
  };
  return { row: faults.length === 0 ? row : null, faults };
}

/** Octets; null where it is no size. */
export function readQuota(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*(k|M|G|T)?B?$/i.exec(text);
  if (match?.[1] === undefined) return null;
  const factor = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }[(match[2] ?? '').toLowerCase()] ?? 1;
  const bytes = Math.round(Number(match[1]) * factor);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : null;
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed();
}
