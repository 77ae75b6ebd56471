/** The messages of an intent as one column: no question looks inside. */
import type { IntentMessage } from '../sync/journal.ts';
import { BadRow } from './row-value.ts';

export function textOfMessages(messages: readonly IntentMessage[]): string {
  return JSON.stringify(messages.map(plainMessage));
}

export function messagesOf(json: string): IntentMessage[] {
  const messages: unknown = JSON.parse(json);
  if (!Array.isArray(messages)) throw new BadRow('messages is no list');
  return messages.map((one) => messageOf(one as PlainMessage));
}

/** An intent's message with its digest in hexadecimal. */
type PlainMessage = Omit<IntentMessage, 'digest' | 'dateStamp'> & {
  readonly digest: string | null;
  /** Missing where a release wrote it that did not keep dates. */
  readonly dateStamp?: number;
};

function plainMessage(message: IntentMessage): PlainMessage {
  const { digest } = message;
  return { ...message, digest: digest === null ? null : Buffer.from(digest).toString('hex') };
}

function messageOf(plain: PlainMessage): IntentMessage {
  const { digest, dateStamp = 0 } = plain;
  return {
    ...plain,
    dateStamp,
    digest: digest === null ? null : new Uint8Array(Buffer.from(digest, 'hex')),
  };
}
