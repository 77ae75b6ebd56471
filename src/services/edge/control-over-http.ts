/** Control as an edge reaches it: over HTTPS, its certificate verified or pinned, with the edge's token. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { MailferryError } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import { type TlsTrust, tlsOptions, verifyPeer } from '../../net/tls-trust.ts';
import type { EdgeControl } from '../../routing/index.ts';
import type { EdgeRows } from '../../state/database/edge-rows.ts';

/** Of a page of rows: some hundred octets each; a control that sends more is none. */
const maxAnswerBytes = 16 * 1024 * 1024;
/** Beside the time that the question itself asks to wait. */
const answerMs = 20_000;

export interface ControlPlace {
  readonly url: URL;
  readonly trust: TlsTrust;
}

export interface Enrolled {
  readonly id: string;
  readonly name: string;
  readonly side: 'old' | 'new';
  readonly token: string;
}

/** Uses up the code. Throws `edge-code-refused`, `edge-control-unreachable`. */
export async function enrol(place: ControlPlace, code: Secret, version: string): Promise<Enrolled> {
  const body = { code: code.reveal(), version };
  return (await call(place, { method: 'POST', path: '/edge/enrol', body })).body as Enrolled;
}

export function controlOverHttp(
  place: ControlPlace,
  token: Secret,
  version: string,
  clock: Clock,
): EdgeControl {
  return {
    rowsAfter: async (after, limit, waitMs, signal) => {
      const path = `/edge/rows?after=${after}&limit=${limit}&waitMs=${waitMs}`;
      return (await call(place, { method: 'GET', path, token, signal, waitMs })).body as EdgeRows;
    },
    acknowledge: async (epoch, findings, signal) => {
      const body = { epoch, version, findings };
      await call(place, { method: 'POST', path: '/edge/state', token, signal, body });
    },
    report: async ({ lookedAtMs, ...rest }, signal) => {
      const body = { ...rest, lookedAt: new Date(lookedAtMs).toISOString() };
      await call(place, { method: 'POST', path: '/edge/report', token, signal, body });
    },
    look: async (signal) => {
      const asked = clock.now();
      // After the last change that there can be: the answer has no rows, and says which is the newest.
      const path = `/edge/rows?after=${Number.MAX_SAFE_INTEGER}&limit=1`;
      const { body, date } = await call(place, { method: 'GET', path, token, signal });
      const here = (asked + clock.now()) / 2;
      // The header has whole seconds: on the mean it is half of one behind.
      const there = date === undefined ? Number.NaN : Date.parse(date) + 500;
      const clockAheadMs = Number.isNaN(there) ? null : Math.round(there - here);
      return { latest: (body as EdgeRows).latest, clockAheadMs };
    },
  };
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: Secret;
  readonly body?: object;
  readonly signal?: AbortSignal;
  readonly waitMs?: number;
}

interface Answer {
  readonly body: unknown;
  /** By control's clock (RFC 9110 §6.6.1). */
  readonly date: string | undefined;
}

async function call({ url, trust }: ControlPlace, one: Call): Promise<Answer> {
  const { method, path, token, body, signal, waitMs = 0 } = one;
  const deadline = AbortSignal.timeout(waitMs + answerMs);
  const target = new URL(`${url.pathname.replace(/\/$/, '')}/api/v1${path}`, url);
  const text = body === undefined ? null : JSON.stringify(body);
  const answer = await new Promise<{
    readonly status: number;
    readonly date: string | undefined;
    readonly text: string;
  }>((resolve, reject) => {
    const options = {
      method,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      headers: {
        accept: 'application/json',
        ...(text === null
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
      },
    };
    const secure = target.protocol === 'https:';
    const asking = secure
      ? httpsRequest(target, { ...options, ...tlsOptions(target.hostname, trust), agent: false })
      : httpRequest(target, { ...options, agent: false });
    asking.on('error', reject);
    asking.on('response', (response) => {
      let size = 0;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > maxAnswerBytes) asking.destroy(new Error('the answer is too long'));
        else parts.push(part);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          date: response.headers.date,
          text: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    const send = () => asking.end(text ?? undefined);
    if (!secure) {
      send();
      return;
    }
    // A pinned certificate is looked at before the token leaves.
    asking.on('socket', (socket) =>
      socket.once('secureConnect', () => {
        try {
          verifyPeer(socket as TLSSocket, trust);
          send();
        } catch (error) {
          asking.destroy(error as Error);
        }
      }),
    );
  }).catch((error: unknown) => {
    if (error instanceof MailferryError || signal?.aborted === true) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new MailferryError('edge-control-unreachable', `${url.origin}: ${why}`, { cause: error });
  });
  return { body: resultOf(answer.status, answer.text, url.origin), date: answer.date };
}

function resultOf(status: number, text: string, origin: string): unknown {
  let parsed: { readonly code?: unknown; readonly detail?: unknown } = {};
  try {
    if (text !== '') parsed = JSON.parse(text) as typeof parsed;
  } catch {
    throw new MailferryError('edge-control-unreachable', `${origin} does not answer as Mailferry does`);
  }
  if (status >= 200 && status < 300) return parsed;
  const detail = typeof parsed.detail === 'string' ? parsed.detail : `status ${status}`;
  if (parsed.code === 'edge-code-refused') throw new MailferryError('edge-code-refused', detail);
  if (status === 401) throw new MailferryError('edge-token-refused', `${origin}: ${detail}`);
  throw new MailferryError('edge-control-unreachable', `${origin}: ${detail}`);
}
