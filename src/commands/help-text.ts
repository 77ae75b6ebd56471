/** What stands below a verb's options, and how it is laid out: for a terminal of 80 columns, however wide it is. Pure. */

const columns = 80;

/** Of verbs that speak with the daemon and change or show one thing. */
export const apiExitCodes =
  'Exit codes: 0 done; 2 wrong usage, or what is named is not there; 3 no API, or the token may not do it.';

/**
 * Notes, examples (indented by two) and exit codes, one a line. Long lines are broken: an example so that the shell takes
 * it as it stands, anything else between words.
 */
export function more(text: string): string {
  return `\n${text
    .replace(/^\n+|\s+$/g, '')
    .split('\n')
    .map(broken)
    .join('\n')}`;
}

/** An option stays with its value, `>` with its file, and what is in quotes in one piece. */
const exampleWord = /(?:(?:--[\w-]+|[<>|])\s+(?!-))?(?:"[^"]*"|'[^']*'|\S)+/g;

function broken(line: string): string {
  if (line.length <= columns) return line;
  const isExample = line.startsWith('  ');
  const room = isExample ? columns - 2 : columns;
  const lines: string[] = [];
  let now = isExample ? '  ' : '';
  let begun = false;
  for (const word of line.trim().match(isExample ? exampleWord : /\S+/g) ?? []) {
    if (begun && now.length + 1 + word.length > room) {
      lines.push(isExample ? `${now} \\` : now);
      now = isExample ? '    ' : '';
      begun = false;
    }
    now += begun ? ` ${word}` : word;
    begun = true;
  }
  return [...lines, now].join('\n');
}
