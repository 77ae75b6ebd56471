/** One request to the API: JSON both ways, a deadline, and one kind of error whose code the words know. */
import { anySignal } from './any-signal.ts';
import type { Problem } from './contract.ts';

/** Longer than the server's own patience with a mail server at sign-in, so that its answer is the one shown. */
const deadlineMs = 30_000;
/** A hundred thousand accounts are not taken in within that. */
const fileDeadlineMs = 300_000;

/** `code` is the API's, or `offline` where no answer came and `unexpected` where it was no answer of the API. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly problem: Problem | null;
  /** As the server asks, in seconds; null where it does not say. */
  readonly retryAfter: number | null;

  constructor(code: string, status: number, problem: Problem | null, retryAfter: number | null = null) {
    super(problem?.detail ?? code);
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Throws ApiError. An answer without content gives undefined. A Blob goes as it is, under its own type. */
export async function ask<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const file = body instanceof Blob ? body : null;
  const deadline = AbortSignal.timeout(file === null ? deadlineMs : fileDeadlineMs);
  let response: Response;
  try {
    response = await (early(method, path) ??
      fetch(`/api/v1${path}`, {
        method,
        credentials: 'same-origin',
        headers: body === undefined ? {} : { 'content-type': file?.type ?? 'application/json' },
        body: body === undefined ? null : (file ?? JSON.stringify(body)),
        signal: signal === undefined ? deadline : anySignal([signal, deadline]),
      }));
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError('offline', 0, null);
  }
  if (response.status === 204 || response.status === 202) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as T;
  const problem = isProblem(answer) ? answer : null;
  const seconds = Number(response.headers.get('retry-after'));
  throw new ApiError(
    problem?.code ?? (response.status >= 502 ? 'offline' : 'unexpected'),
    response.status,
    problem,
    Number.isFinite(seconds) && seconds > 0 ? seconds : null,
  );
}

/** What `early.js` asked before this script was there; it serves the first question of its kind, and no later one. */
function early(method: Method, path: string): Promise<Response> | null {
  const page = globalThis as { earlySession?: Promise<Response> | undefined };
  const answer = method === 'GET' && path === '/session' ? page.earlySession : undefined;
  // Any other request may change who is signed in.
  page.earlySession = undefined;
  return answer ?? null;
}

/** Query text from values; those that are undefined or empty are left out. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}
