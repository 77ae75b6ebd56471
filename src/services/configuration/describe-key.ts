/** What a key may hold, in words, out of the schema itself; so messages and the reference page cannot disagree. Pure. */
import { z } from 'zod';
import { doveadmForm } from '../../domain/doveadm-command.ts';
import { hostPlaceForm, localPlaceForm } from '../../domain/host-place.ts';
import { configurationSchema, edgeNameForm, listenForm, networkForm } from './schema.ts';

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
}

export interface KeyDescription {
  /** Dotted, as `old.limits.connections`. */
  readonly key: string;
  /** `a whole number from 1 to 65535`. */
  readonly allowed: string;
  /** As it would be written in the file; null where there is none. */
  readonly standard: string | null;
  readonly required: boolean;
  readonly description: string;
}

// The input side: what people write, defaults not yet filled in.
const root = z.toJSONSchema(configurationSchema, { io: 'input' }) as Node;

/** Every key that holds a value, in the order of the file. */
export function allKeys(): readonly KeyDescription[] {
  return keysBelow(root, []);
}

/** The names that may stand at this place; null where it holds a value or nothing is known. */
export function namesAt(path: readonly PropertyKey[]): readonly string[] | null {
  const node = nodeAt(path);
  return node?.properties === undefined ? null : Object.keys(node.properties);
}

/** What may stand at this place, in words. */
export function allowedAt(path: readonly PropertyKey[]): string | null {
  const node = nodeAt(path);
  return node === null ? null : allowed(node);
}

function keysBelow(node: Node, path: readonly string[]): KeyDescription[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const key = [...path, name];
    if (child.properties !== undefined) return keysBelow(child, key);
    return [
      {
        key: key.join('.'),
        allowed: allowed(child),
        standard: child.default === undefined ? null : JSON.stringify(child.default),
        required: node.required?.includes(name) === true,
        description: child.description ?? '',
      },
    ];
  });
}

function nodeAt(path: readonly PropertyKey[]): Node | null {
  let node: Node | undefined = root;
  for (const name of path) {
    node = typeof name === 'number' ? node?.items : node?.properties?.[String(name)];
  }
  return node ?? null;
}

function allowed(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `"${value}"`).join(' or ');
  switch (node.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
    case 'number':
      return range(node);
    case 'array':
      if (node.items?.enum !== undefined)
        return `a list of ${node.items.enum.map((value) => `"${value}"`).join(' and ')}`;
      return `a list of texts${node.items?.pattern === undefined ? '' : ` (${formats[node.items.pattern] ?? node.items.pattern})`}`;
    case 'object':
      return 'a table';
    default:
      if (node.format === 'uri') return 'an address like "https://mail.example.org"';
      return node.pattern === undefined
        ? 'a text'
        : (formats[node.pattern] ?? `a text that matches ${node.pattern}`);
  }
}

/** Words for the patterns of the schema. */
const formats: Readonly<Record<string, string>> = {
  '^([01]\\d|2[0-3]):[0-5]\\d$': 'a time of day like "22:00"',
  [listenForm.source]: 'an address with a port, as "127.0.0.1:8420"',
  [hostPlaceForm.source]: 'a host, or a host with a port, as "new.example.org:25"',
  [localPlaceForm.source]: 'a port like "127.0.0.1:8425", or a path',
  [doveadmForm.source]: 'a command, one blank between its words, or "none"',
  [edgeNameForm.source]: 'up to 100 letters, digits, dots and dashes',
  [networkForm.source]: 'addresses, or networks like "10.0.0.0/8"',
  '^(sha256:)?[0-9a-fA-F:]{64,95}$': 'SHA-256 fingerprints',
  '^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$': 'a host name like "imap.example.org"',
  '^[^\\p{Cc}\\p{Cf}]*$': 'a text of one line',
  '^[A-Z0-9-]{2,32}$': 'the name of a scheme, as "SSHA"',
};

function range({ minimum, maximum }: Node): string {
  const upper = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? null : maximum;
  if (minimum === undefined) return upper === null ? 'a whole number' : `a whole number up to ${upper}`;
  return upper === null ? `a whole number, ${minimum} or more` : `a whole number from ${minimum} to ${upper}`;
}
