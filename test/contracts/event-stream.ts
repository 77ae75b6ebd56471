/** A stream of live events as a browser reads it. */
import { expect, onTestFinished } from 'vitest';

export interface Stream {
  text(): string;
  until(text: string): Promise<void>;
  readonly ended: Promise<void>;
}

export async function openStream(url: string, headers: Record<string, string>): Promise<Stream> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  let heard = '';
  let wake = () => {};
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      heard += decoder.decode(chunk as Uint8Array, { stream: true });
      wake();
    }
  };
  return {
    text: () => heard,
    until: async (text) => {
      while (!heard.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
    },
    ended: read().catch(() => {}),
  };
}
