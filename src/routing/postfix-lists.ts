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

/** The list without each place where `ours` stand one after the other; null where they stand nowhere. */
export function withoutOurs(value: string, ours: string): string | null {
  const [all, mine] = [elementsOf(value), elementsOf(ours)];
  let found = false;
  for (let at = 0; at + mine.length <= all.length; ) {
    if (mine.length > 0 && mine.every((element, i) => all[at + i] === element)) {
      all.splice(at, mine.length);
      found = true;
    } else at++;
  }
  return found ? joined(all) : null;
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
