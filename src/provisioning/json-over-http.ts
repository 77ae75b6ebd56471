/** JSON to and from an API, with one header that lets in: bounded in time and size, and sent nowhere else than told. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Secret } from '../base/secret.ts';

export interface ApiPlace {
  readonly url: URL;
  /** Instead of the issuers that the system trusts. */
  readonly caPem: string | null;
  readonly header: { readonly name: string; readonly value: Secret };
  readonly deadlineMs: number;
}

export interface ApiAnswer {
  readonly status: number;
  /** Undefined where it is no JSON. */
  readonly body: unknown;
}

/** A list of all aliases of a server of a provider. */
const answerAtMost = 64 * 1024 * 1024;

/** Rejects where no answer comes. A redirect is an answer like any other: the key goes where it was meant to go. */
export function askApi(
  { url, caPem, header, deadlineMs }: ApiPlace,
  method: 'GET' | 'POST',
  path: string,
  body: object | null,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  const target = new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
  const text = body === null ? null : JSON.stringify(body);
  const options = {
    method,
    agent: false as const,
    signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    headers: {
      accept: 'application/json',
      [header.name]: header.value.reveal(),
      ...(text === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    },
  };
  return new Promise((resolve, reject) => {
    const asking =
      target.protocol === 'https:'
        ? httpsRequest(target, { ...options, ...(caPem === null ? {} : { ca: caPem }) })
        : httpRequest(target, options);
    asking.on('error', reject);
    asking.on('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > answerAtMost) asking.destroy(new Error('the answer is too large'));
        else parts.push(part);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(parts).toString('utf8')) }),
      );
    });
    asking.end(text ?? undefined);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
