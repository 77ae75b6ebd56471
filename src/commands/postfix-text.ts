/** What Postfix is told, as an operator reads it: each file with comments, then the commands that put it in force. Pure. */
import type { PostfixSettings } from '../routing/index.ts';

export function postfixText(
  { main, services, files }: PostfixSettings,
  folder: string,
  config: string,
): string {
  const parts: string[] = [`# ${config}/main.cf`];
  for (const { name, how, value, why } of main) {
    parts.push('', ...comment(why));
    if (how === 'set') parts.push(`${name} = ${value}`);
    else
      parts.push(
        `# In ${how === 'front' ? 'front of' : 'addition to'} what stands there:`,
        `${name} = ${value}`,
      );
  }
  parts.push('', '', `# ${config}/master.cf`);
  for (const { line, options, why } of services) {
    parts.push('', ...comment(why), line, ...options.map(({ name, value }) => `    -o ${name}=${value}`));
  }
  parts.push('');
  for (const { name, text } of files) parts.push('', `# ${folder}/${name}`, '', text.trimEnd());
  parts.push(
    '',
    '',
    '# To put it in force: the same command with --apply, and then',
    `#   postfix -c ${config} reload`,
    '# To take it back:',
    `#   mailferry config postfix --config-directory ${config} --undo`,
  );
  return `${parts.join('\n')}\n`;
}

/** Lines of 78 columns at most. */
function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 78) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}
