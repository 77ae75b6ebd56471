/** Requests as the API's own description has them, and values of the forms that it names. */

interface Form {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly Form[];
  readonly oneOf?: readonly Form[];
  readonly format?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly properties?: Readonly<Record<string, Form>>;
  readonly required?: readonly string[];
  readonly items?: Form;
}

export interface Requested {
  /** `GET /api/v1/accounts`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: readonly { readonly name: string; readonly schema: Form }[];
  /** Of a JSON body; null where there is none. */
  readonly body: Form | null;
  /** Fields of the body that have to be there. */
  readonly required: readonly string[];
}

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Form }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Form }>> };
}

export function requestsOf(description: Readonly<Record<string, unknown>>): Requested[] {
  const paths = description.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([word, { parameters = [], requestBody }]) => {
      const method = word.toUpperCase();
      const body = requestBody?.content?.['application/json']?.schema ?? null;
      const query = parameters.filter((one) => one.in === 'query');
      return { name: `${method} ${path}`, method, path, query, body, required: body?.required ?? [] };
    }),
  );
}

/** A value that has the form. `known` has values by the names of fields; with a name its own is looked up there. */
export function sampleOf(form: Form, known: Readonly<Record<string, unknown>>, name = ''): unknown {
  if (Object.hasOwn(known, name)) return known[name];
  if (form.const !== undefined) return form.const;
  if (form.enum !== undefined) return form.enum[0];
  const parts = (form.anyOf ?? form.oneOf)?.filter(({ type }) => type !== 'null');
  if (parts?.[0] !== undefined) return sampleOf(parts[0], known, name);
  const type = typeof form.type === 'string' ? form.type : form.type?.find((one) => one !== 'null');
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(form.properties ?? {}).map(([field, below]) => [field, sampleOf(below, known, field)]),
      );
    case 'array':
      return [sampleOf(form.items ?? {}, known)];
    case 'integer':
    case 'number':
      return Math.max(form.minimum ?? 1, 1);
    case 'boolean':
      return true;
    default:
      return textOf(form);
  }
}

function textOf({ format, default: standard, minLength = 0 }: Form): string {
  if (typeof standard === 'string') return standard;
  if (format === 'date-time') return '2099-12-01T08:00:00.000Z';
  if (format === 'uri') return 'https://hooks.example.org/a';
  return 'sample-text'.padEnd(minLength, 'x');
}
