/**
 * The portal's pages: the built files of ui/dist, held in memory with their compressed forms. Every path that is no file
 * and no part of the API is the application's own: it gets index.html. Files with a hash in their name never change.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageHeaders } from './security-headers.ts';

/** The built pages are a tenth of it; a directory that somebody named by mistake is not read into memory. */
const maxBytes = 32 * 1024 * 1024;
/** A small answer fits one packet anyway. */
const compressAboveBytes = 1_024;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

interface Page {
  readonly type: string;
  readonly body: Buffer;
  readonly forever: boolean;
  /** Made when it is asked for first. */
  readonly packed: Map<'br' | 'gzip', Promise<Buffer>>;
}

export class Pages {
  readonly #pages = new Map<string, Page>();

  /** Reads the directory; without one, or without an index.html, there are no pages. */
  constructor(directory: string) {
    if (!existsSync(join(directory, 'index.html'))) return;
    let bytes = 0;
    for (const name of readdirSync(directory, { recursive: true }) as string[]) {
      const file = join(directory, name);
      const stat = statSync(file);
      const type = types[extname(name)];
      // Compressed forms are made here; maps are not for visitors.
      if (!stat.isFile() || type === undefined) continue;
      bytes += stat.size;
      if (bytes > maxBytes) throw new Error(`${directory} holds more than the portal's pages`);
      const path = `/${relative(directory, file).split(sep).join('/')}`;
      const forever = /[-.][\w-]{8,}\.\w+$/.test(path) && path.startsWith('/assets/');
      this.#pages.set(path, { type, body: readFileSync(file), forever, packed: new Map() });
    }
  }

  get present(): boolean {
    return this.#pages.size > 0;
  }

  /** False where the request is for none of the pages: then nothing was answered. */
  async answer(request: FastifyRequest, reply: FastifyReply, https: boolean): Promise<boolean> {
    const { method } = request;
    if (!this.present || (method !== 'GET' && method !== 'HEAD')) return false;
    const path = request.url.split('?', 1)[0] ?? '/';
    if (path.startsWith('/api/')) return false;
    const own = this.#pages.get(path);
    // A file that is not there is not the application: an old page asks for scripts of a former release.
    if (own === undefined && extname(path) !== '') return false;
    const page = own ?? this.#pages.get('/index.html');
    if (page === undefined) return false;
    const encoding = encodingFor(request.headers['accept-encoding'], page);
    const body = encoding === null ? page.body : await packed(page, encoding);
    void reply.headers({
      ...pageHeaders(https),
      'content-type': page.type,
      'cache-control': page.forever ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(encoding === null ? {} : { 'content-encoding': encoding }),
    });
    void reply.code(200).send(body);
    return true;
  }
}

function encodingFor(accepted: string | string[] | undefined, { type, body }: Page): 'br' | 'gzip' | null {
  if (body.length < compressAboveBytes || /^(image\/(png|x-icon)|font)/.test(type)) return null;
  const words = String(accepted ?? '')
    .split(',')
    .filter((one) => !/;\s*q=0(\.0*)?\s*$/.test(one))
    .map((one) => one.split(';', 1)[0]?.trim().toLowerCase());
  if (words.includes('br')) return 'br';
  return words.includes('gzip') ? 'gzip' : null;
}

function packed(page: Page, encoding: 'br' | 'gzip'): Promise<Buffer> {
  const known = page.packed.get(encoding);
  if (known !== undefined) return known;
  const made =
    encoding === 'br'
      ? promisify(brotliCompress)(page.body, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } })
      : promisify(gzip)(page.body, { level: 9 });
  page.packed.set(encoding, made);
  return made;
}
