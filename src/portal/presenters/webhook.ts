/** What leaves of webhooks and of what came of their calls. Never a secret, never what was sent. */
import { z } from 'zod';
import type { WebhookCall } from '../../state/database/outbox.ts';
import type { Locale } from '../../state/database/sessions.ts';
import { callFaultWords } from '../outbox/call-fault.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

export const webhookSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    on: z.boolean(),
    createdBy: z.string(),
    createdAt: timeSchema,
  })
  .meta({ id: 'Webhook' });

export const webhookCallSchema = z
  .object({
    id: z.string(),
    event: z.string().nullable().describe('The `id` that was sent; null for a test'),
    state: z.enum(['waiting', 'sent', 'failed']).describe('failed: it is not tried again'),
    attempts: z.int(),
    createdAt: timeSchema,
    triedAt: timeSchema.nullable().describe('The last try'),
    answer: z.int().nullable().describe('The HTTP status of the last try; null where none came'),
    error: z
      .string()
      .nullable()
      .describe('Why the last try failed, in the language of the session or of Accept-Language'),
    nextAt: timeSchema.nullable().describe('When one that waits is tried next'),
  })
  .meta({ id: 'WebhookCall' });
export type WebhookCallAnswer = z.output<typeof webhookCallSchema>;

export function webhookCallAnswer(call: WebhookCall, locale: Locale): WebhookCallAnswer {
  const { id, cause, state, attempts, createdAtMs, triedMs, answer, error, nextMs } = call;
  // `webhook:ID:EVENT`, or `webhook:ID:test:RANDOM`: as outbox/entries-of.ts and the route of tests write them.
  const [, , event = '', ...more] = cause.split(':');
  return {
    id,
    event: more.length > 0 ? null : event,
    state,
    attempts,
    createdAt: timeText(createdAtMs),
    triedAt: timeTextOrNull(triedMs),
    answer,
    error: error === null ? null : callFaultWords(error, answer)[locale],
    nextAt: timeTextOrNull(nextMs),
  };
}
