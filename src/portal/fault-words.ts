/**
 * What is wrong with a request, in words for whoever wrote it: which value, and what may stand there. Never the words of
 * the libraries that found it, and never the value itself. Pure.
 */

/** One fault of the validation of a request. */
export interface RequestFault {
  /** What kind of fault, as the schema library calls it: `too_small`, `invalid_type`. */
  readonly keyword: string;
  /** Slashes between names: `/accounts/3`; `/` for the whole. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Used only where we wrote it ourselves. */
  readonly message?: string | undefined;
}

/** Names of a request come back in the answer: long ones are cut. */
const nameAtMost = 60;

/** `limit: has to be 1 or more`. `context` is `querystring`, `params`, `headers` or `body`. */
export function faultWords(fault: RequestFault, context: string | undefined): string {
  const path = fault.instancePath.split('/').filter((part) => part !== '');
  const place = path.map(cut).join('.');
  const { keys } = fault.params;
  if (fault.keyword === 'unrecognized_keys' && Array.isArray(keys)) {
    return keys.map((key) => `${[...path, String(key)].map(cut).join('.')}: is not known here`).join('; ');
  }
  const whole = context === 'body' ? 'the body' : 'the request';
  return `${place === '' ? whole : place}: ${words(fault)}`;
}

const formats: Readonly<Record<string, string>> = {
  datetime: 'has to be a time with its zone, such as 2026-12-01T22:00:00Z',
  date: 'has to be a date such as 2026-12-01',
  url: 'has to be an address such as https://mail.example.org',
  email: 'has to be a mail address',
};

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function words({ keyword, params, message }: RequestFault): string {
  switch (keyword) {
    case 'invalid_type': {
      const wanted = types[String(params.expected)] ?? 'something else';
      return message?.endsWith('received undefined') === true
        ? `is missing: ${wanted}`
        : `has to be ${wanted}`;
    }
    case 'invalid_value': {
      if (params.expected === 'stringbool') return 'has to be true or false';
      const values = Array.isArray(params.values) ? params.values.map(String) : [];
      return values.length === 1 ? `has to be ${values[0]}` : `has to be one of ${values.join(', ')}`;
    }
    case 'too_small':
      return bound(params.origin, params.minimum, 'at least', 'or more');
    case 'too_big':
      return bound(params.origin, params.maximum, 'at most', 'or less');
    case 'invalid_format':
      return formats[String(params.format)] ?? own(message, 'does not have the form that it needs');
    case 'custom':
      return own(message, 'is not allowed');
    default:
      return 'has none of the forms that are taken here';
  }
}

function bound(origin: unknown, limit: unknown, most: string, orSo: string): string {
  if (origin === 'string') {
    return limit === 1 && most === 'at least'
      ? 'is empty'
      : `has to have ${most} ${String(limit)} characters`;
  }
  if (origin === 'array') return `has to hold ${most} ${String(limit)}`;
  return `has to be ${String(limit)} ${orSo}`;
}

/** The library's own texts begin so; ours never do. */
function own(message: string | undefined, otherwise: string): string {
  return message === undefined || message.startsWith('Invalid') ? otherwise : message;
}

function cut(name: string): string {
  const plain = name.replace(/\p{Cc}/gu, ' ');
  return plain.length > nameAtMost ? `${plain.slice(0, nameAtMost)}…` : plain;
}

/** A request that is no request of this API at all, by the server library's code. */
export function unreadableWords(code: string | undefined, status: number): string {
  if (status === 415 || code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return 'the body has a content type that is not taken here; send JSON as application/json, or a list as text/csv where a list is taken';
  }
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return 'the body is empty, but announced as JSON';
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY') return 'the body is not JSON';
  return 'the request cannot be read as HTTP with a JSON body';
}
