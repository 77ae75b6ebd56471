/**
 * Lists in values of main.cf (postconf(5)): elements between commas or white space, braces around what holds either. Ours
 * are put in front or behind and taken out again; what the site has stays as it stands, also where it changed meanwhile. Pure.
 */

/** Splits a list; text within braces stays whole. */
export function elementsOf(value: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let element = '';
  for (const c of value) {
    if (c === '{') depth++;
    if (c === '}') depth--;
    if (depth <= 0 && /[\s,]/.test(c)) {
      if (element !== '') found.push(element);
      element = '';
    } else element += c;
  }
  if (element !== '') found.push(element);
  return found;
}

/** The list without what is in `ours`, wherever each part of it stands; null where none of it stands anywhere. */
export function withoutOurs(value: string, ours: string): string | null {
  const all = partsOf(value);
  const mine = new Set(partsOf(ours).map(joined));
  const rest = all.filter((part) => !mine.has(joined(part)));
  return rest.length === all.length ? null : joined(rest.flat());
}

/** A restriction together with its argument. */
function partsOf(value: string): string[][] {
  const parts: string[][] = [];
  for (const element of elementsOf(value)) {
    const last = parts.at(-1);
    if (last?.length === 1 && takesArgument.test(last[0] ?? '')) last.push(element);
    else parts.push([element]);
  }
  return parts;
}

/** The list with `ours` once, at one end. */
export function withOurs(value: string, ours: string, end: 'front' | 'back'): string {
  const rest = withoutOurs(value, ours) ?? joined(elementsOf(value));
  const parts = end === 'front' ? [joined(elementsOf(ours)), rest] : [rest, joined(elementsOf(ours))];
  return parts.filter((part) => part !== '').join(', ');
}

/** A restriction and its argument are two elements; between all of them a comma means the same as a blank. */
function joined(elements: readonly string[]): string {
  let text = '';
  for (const [i, element] of elements.entries()) {
    const before = elements[i - 1];
    const isArgument = before !== undefined && takesArgument.test(before);
    text += i === 0 ? element : `${isArgument ? ' ' : ', '}${element}`;
  }
  return text;
}

/** Names of restrictions that are followed by a table or a server: for reading only. */
const takesArgument =
  /^(check_(?!sasl_)\w+_(access|maps)|check_policy_service|reject_rbl_\w+|reject_rhsbl_\w+|permit_dnswl_\w+|permit_rhswl_\w+)$/;
