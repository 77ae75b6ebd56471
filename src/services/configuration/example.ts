/** A complete configuration file with a comment at every key, made from the schema. Pure. */
import { allKeys, type KeyDescription } from './describe-key.ts';

/** What stands in the example for keys that have to be given. */
const samples: Readonly<Record<string, string>> = {
  'old.host': '"old.example.org"',
  'new.host': '"new.example.org"',
};

/** `values` are TOML by dotted key, written instead of what stands in the example. */
export function exampleConfiguration(values: Readonly<Record<string, string>> = samples): string {
  let text = '# Mailferry. Keys that are commented out have the value shown, or none.\n';
  let table = '';
  for (const key of allKeys()) {
    const at = key.key.lastIndexOf('.');
    const parent = key.key.slice(0, at);
    if (parent !== table) {
      table = parent;
      text += `\n[${table}]\n`;
    }
    text += keyText(key, key.key.slice(at + 1), values[key.key]);
  }
  return text;
}

function keyText(
  { allowed, standard, description }: KeyDescription,
  name: string,
  value: string | undefined,
): string {
  const line = value === undefined ? `# ${name} = ${standard ?? ''}`.trimEnd() : `${name} = ${value}`;
  return `# ${description}: ${allowed}.\n${line}\n`;
}
