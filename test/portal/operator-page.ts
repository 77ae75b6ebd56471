/** A page of the operator on made-up data, and what it asks the API to change. */
import type { Browser } from 'playwright-core';
import { open, type Visit, visit } from './browser.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
}

/** In English where `as` names no other language. */
export async function openOperatorPage(browser: Browser, origin: string, path: string, as: Visit = {}) {
  const opened = await open(browser, origin, { locale: 'en', login: 'operator@example.org', ...as });
  const asked: Asked[] = [];
  opened.page.on('request', (request) => {
    const method = request.method();
    const { pathname, search } = new URL(request.url());
    if (method !== 'GET') asked.push({ method, path: `${pathname}${search}`, body: request.postData() });
  });
  await visit(opened.page, path);
  return { ...opened, asked };
}
