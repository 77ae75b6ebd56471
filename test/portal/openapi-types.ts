/** The forms of the API's own description, as types that a compiler compares with those of the pages. */

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly responses?: Readonly<Record<string, Response>>;
}

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

export interface Described {
  /** `GET /accounts/{account}`. */
  readonly name: string;
  readonly method: string;
  /** Below `/api/v1`. */
  readonly path: string;
  /** Of a good answer with JSON; null where it has none. */
  readonly schema: Schema | null;
}

export function described({ paths }: OpenApi): Described[] {
  return Object.entries(paths).flatMap(([full, methods]) =>
    Object.entries(methods).map(([method, { responses = {} }]) => {
      const path = full.replace(/^\/api\/v1/, '');
      const good = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
      const schema = good?.content?.['application/json']?.schema ?? null;
      return { name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, schema };
    }),
  );
}

/** Whether a question of a page can be meant for this operation: what it fills in may be any part. */
export function fits(asked: { readonly method: string; readonly path: string }, one: Described): boolean {
  const [mine, its] = [asked.path.split('/'), one.path.split('/')];
  return (
    asked.method === one.method &&
    mine.length === its.length &&
    mine.every((part, i) => part === '{}' || part === its[i])
  );
}

/** TypeScript for it; names of components become names of types. */
export function typeOf(schema: Schema): string {
  const { $ref, const: only, enum: some, properties, items, additionalProperties } = schema;
  if ($ref !== undefined) return typeName($ref.split('/').at(-1) ?? '');
  if (only !== undefined) return JSON.stringify(only);
  if (some !== undefined) return some.map((value) => JSON.stringify(value)).join(' | ');
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts !== undefined) return parts.map((part) => `(${typeOf(part)})`).join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((part) => `(${typeOf(part)})`).join(' & ');
  if (Array.isArray(schema.type))
    return schema.type.map((type: string) => `(${typeOf({ ...schema, type })})`).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return `(${items === undefined ? 'unknown' : typeOf(items)})[]`;
    case 'object': {
      if (properties === undefined) {
        const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
        return `{ [name: string]: ${value} }`;
      }
      const fields = Object.entries(properties).map(
        ([name, field]) =>
          `${JSON.stringify(name)}${schema.required?.includes(name) === true ? '' : '?'}: ${typeOf(field)}`,
      );
      return `{ ${fields.join('; ')} }`;
    }
    default:
      return 'unknown';
  }
}

/** Declarations of the components. */
export function componentTypes({ components }: OpenApi): string {
  return Object.entries(components?.schemas ?? {})
    .map(([name, schema]) => `export type ${typeName(name)} = ${typeOf(schema)};`)
    .join('\n');
}

function typeName(name: string): string {
  return `Api_${name.replaceAll(/\W/g, '_')}`;
}
