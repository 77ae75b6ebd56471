/** Fields of a userdb, as Dovecot's `default_fields` have them, as columns of a query on the login that was found. Pure. */

const local = "CASE WHEN instr(login, '@') = 0 THEN login ELSE substr(login, 1, instr(login, '@') - 1) END";
const domain = "CASE WHEN instr(login, '@') = 0 THEN '' ELSE substr(login, instr(login, '@') + 1) END";

/** Variables of Dovecot 2.3 and 2.4 that say something of the user, without blanks. */
const variables: Readonly<Record<string, string>> = {
  '%u': 'login',
  '%Lu': 'lower(login)',
  '%n': local,
  '%Ln': `lower(${local})`,
  '%d': domain,
  '%Ld': `lower(${domain})`,
  '%{user}': 'login',
  '%{user|lower}': 'lower(login)',
  '%{user|username}': local,
  '%{user|username|lower}': `lower(${local})`,
  '%{user|domain}': domain,
  '%{user|domain|lower}': `lower(${domain})`,
  // Doubled, because the whole query is read for variables once more.
  '%%': "'%%'",
};

/** `rest`: fields with other variables, which stay as they are. */
export function fieldColumns(fields: string): { readonly columns: string[]; readonly rest: string[] } {
  const columns: string[] = [];
  const rest: string[] = [];
  for (const field of wordsOf(fields)) {
    const [, name, value] = /^([a-z_][a-z0-9_]*)=(.*)$/i.exec(field) ?? [];
    const expression = name === undefined || value === undefined ? null : expressionOf(value);
    if (expression === null) rest.push(field);
    else columns.push(`${expression} AS ${name}`);
  }
  return { columns, rest };
}

/** Blanks part them, but those within the braces of a variable. */
function wordsOf(fields: string): string[] {
  return fields.match(/(?:%\{[^}]*\}|\S)+/g) ?? [];
}

function expressionOf(value: string): string | null {
  const parts: string[] = [];
  for (const [part] of value.matchAll(/%\{[^}]*\}|%L?[a-zA-Z%]|[^%]+|%/g)) {
    if (!part.startsWith('%')) parts.push(`'${part.replaceAll("'", "''")}'`);
    else {
      const known = variables[part.replaceAll(/\s/g, '')];
      if (known === undefined) return null;
      parts.push(known.startsWith('CASE') ? `(${known})` : known);
    }
  }
  return parts.length === 0 ? "''" : parts.join(' || ');
}
