/**
 * The built pages over HTTP with the policy that the product sends, and made-up data behind them: every state of every
 * page can be had at once, which no real migration offers.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageHeaders } from '../../src/portal/security-headers.ts';
import { fixtureApi } from '../../ui/dev/fixture-server.ts';

export const pagesFolder = fileURLToPath(new URL('../../ui/dist', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

export interface Pages {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

export async function servePages(): Promise<Pages> {
  const answer = fixtureApi();
  const server = createServer((request, response) => {
    if (answer(request, response)) return;
    const path = normalize(new URL(request.url ?? '/', 'http://pages').pathname);
    const file = extname(path) === '' ? '/index.html' : path;
    readFile(join(pagesFolder, file)).then(
      (content) => {
        response.writeHead(200, {
          'content-type': types[extname(file)] ?? 'application/octet-stream',
          ...pageHeaders(false),
          'x-content-type-options': 'nosniff',
        });
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
