/**
 * Answers Postfix's socketmap questions on a port of this machine or on a unix socket. One question at a time on each
 * connection, in their order; what cannot be told now is a temporary failure, so that mail waits and is not bounced.
 */
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { LocalPlace } from '../domain/host-place.ts';
import {
  formatReply,
  type SocketmapQuestion,
  SocketmapParser,
  type SocketmapReply,
} from '../wire/postfix/socketmap.ts';
import type { RouteLookup, RouteMap } from './route-lookup.ts';

/** The tables that are served. */
const maps: readonly string[] = ['transport', 'rest', 'domains'] satisfies RouteMap[];

/** Postfix closes an idle connection after 10 s, and any after 100 s: one that is silent for longer is none of its. */
const idleMs = 120_000;
/** Each of Postfix's processes that looks up holds one. */
const maxConnections = 1_000;

export interface SocketmapServer {
  readonly address: { readonly port: number } | { readonly path: string };
  close(): Promise<void>;
}

/** Rejects where the place is taken. */
export async function serveSocketmap(
  at: LocalPlace,
  lookup: RouteLookup,
  onError: (error: unknown) => void,
): Promise<SocketmapServer> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.setNoDelay(true);
    const parser = new SocketmapParser();
    socket.on('data', (bytes: Uint8Array) => {
      const questions = parser.push(bytes);
      if (questions === null) {
        socket.destroy();
        return;
      }
      for (const question of questions) socket.write(formatReply(answerTo(question, lookup, onError)));
      // Who asks without reading is not Postfix.
      if (socket.writableLength > 1_000_000) socket.destroy();
    });
  });
  server.maxConnections = maxConnections;
  // Nobody answers there: what a killed process left. Two that would do this at once are kept apart by the edge's lock.
  if ('path' in at && (await isLeftBehind(at.path))) rmSync(at.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Postfix asks as a user of its own; what the answers tell is in its own log, too.
    server.listen({ ...at, writableAll: true, readableAll: true }, () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
  const bound = server.address();
  return {
    address: typeof bound === 'object' && bound !== null ? { port: bound.port } : { path: String(bound) },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function isLeftBehind(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = connect(path, () => {
      asking.destroy();
      resolve(false);
    });
    asking.on('error', (error) => resolve((error as NodeJS.ErrnoException).code === 'ECONNREFUSED'));
  });
}

export function answerTo(
  question: SocketmapQuestion | null,
  lookup: RouteLookup,
  onError: (error: unknown) => void,
): SocketmapReply {
  if (question === null) return { kind: 'perm', reason: 'this is no question' };
  if (!maps.includes(question.map)) return { kind: 'perm', reason: 'there is no such table' };
  try {
    const value = lookup(question.map as RouteMap, question.key);
    return value === null ? { kind: 'not-found' } : { kind: 'found', value };
  } catch (error) {
    onError(error);
    return { kind: 'temp', reason: 'the routes are not known at the moment' };
  }
}
