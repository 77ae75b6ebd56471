/**
 * A server that answers as mailcow's published API does (its openapi.yaml): the forms of its answers, and as much behind them as
 * makes an answer depend on what was asked before. It is not mailcow.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Replayed {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface MailcowReplay {
  readonly url: URL;
  readonly calls: Replayed[];
  readonly mailboxes: Map<string, { quota: number; password: string }>;
  readonly aliases: Map<string, string>;
  /** Answers the next request with this instead. */
  next: { status: number; text: string } | null;
  close(): Promise<void>;
}

export async function startMailcowReplay(key: string, domains: readonly string[]): Promise<MailcowReplay> {
  const mailboxes: MailcowReplay['mailboxes'] = new Map();
  const aliases: MailcowReplay['aliases'] = new Map();
  const calls: Replayed[] = [];
  const state: { next: MailcowReplay['next'] } = { next: null };
  const result = (type: string, msg: unknown, log: unknown) => [{ type, log: ['mailbox', log], msg }];

  function answer(path: string, body: Record<string, unknown>): unknown {
    const [, , , verb = '', what = '', name = ''] = path.split('/').map(decodeURIComponent);
    switch (`${verb} ${what}`) {
      case 'get status':
        return { version: '2025-09b' };
      case 'get mailbox': {
        const found = mailboxes.get(name);
        return found === undefined ? {} : { username: name, quota: found.quota, active: 1, attributes: {} };
      }
      case 'get alias':
        return [...aliases].map(([address, goto], i) => ({ id: i + 1, address, goto, active: 1 }));
      case 'add mailbox': {
        const address = `${String(body.local_part)}@${String(body.domain)}`;
        if (!domains.includes(String(body.domain))) return result('danger', 'domain_not_found', body);
        if (mailboxes.has(address)) return result('danger', ['object_exists', address], body);
        const quota = Number(body.quota ?? 3072);
        if (quota > 10_240) return result('danger', ['mailbox_quota_exceeded', 10_240], body);
        mailboxes.set(address, { quota: quota * 1024 * 1024, password: String(body.password) });
        return result('success', ['mailbox_added', address], body);
      }
      case 'edit mailbox': {
        const [item = ''] = body.items as string[];
        const found = mailboxes.get(item);
        const attributes = body.attr as Record<string, string>;
        if (found === undefined) return result('danger', 'access_denied', body);
        if (attributes.quota !== undefined) found.quota = Number(attributes.quota) * 1024 * 1024;
        if (attributes.password !== undefined) found.password = attributes.password;
        return result('success', ['mailbox_modified', item], body);
      }
      case 'add alias': {
        const address = String(body.address);
        if (aliases.has(address) || mailboxes.has(address))
          return result('danger', ['is_alias_or_mailbox', address], body);
        aliases.set(address, String(body.goto));
        return result('success', ['alias_added', address], body);
      }
      default:
        return { type: 'error', msg: 'route not found' };
    }
  }

  const server = createServer((request, response) => void serve(request, response));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(request);
    const path = request.url ?? '';
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    calls.push({ method: request.method ?? '', path, body });
    const { next } = state;
    state.next = null;
    response.setHeader('content-type', 'application/json');
    if (next !== null) {
      response.statusCode = next.status;
      response.end(next.text);
    } else if (request.headers['x-api-key'] !== key) {
      response.statusCode = 401;
      response.end(JSON.stringify({ type: 'error', msg: 'authentication failed' }));
    } else response.end(JSON.stringify(answer(path, body)));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    calls,
    mailboxes,
    aliases,
    get next() {
      return state.next;
    },
    set next(value) {
      state.next = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
