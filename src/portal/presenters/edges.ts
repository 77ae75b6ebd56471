/** Edges as the API tells of them, and the rows that edges pull. */
import { z } from 'zod';
import { phases } from '../../domain/phase.ts';
import type { Edge } from '../../state/database/edges.ts';
import { timeTextOrNull, timeSchema } from './time.ts';

export const sideSchema = z.enum(['old', 'new']);

export const findingSchema = z.object({
  part: z.string().min(1).max(64).describe('`replica`, `transport`, ...'),
  text: z.string().max(2_000),
});

export const edgeSchema = z
  .object({
    id: z.string(),
    side: sideSchema,
    name: z.string(),
    enrolledAt: timeSchema.nullable().describe('Null while nobody has used its code'),
    codeUntil: timeSchema.nullable(),
    epoch: z.number().int().describe('All changes up to here are in force on its host'),
    seenAt: timeSchema.nullable(),
    version: z.string().nullable(),
    findings: z.array(findingSchema).describe('What it says is wrong; empty where nothing is'),
  })
  .meta({ id: 'Edge' });

export function edgeAnswer(edge: Edge): z.output<typeof edgeSchema> {
  const { id, side, name, epoch, version } = edge;
  return {
    id,
    side,
    name,
    epoch,
    version,
    enrolledAt: timeTextOrNull(edge.enrolledAtMs),
    codeUntil: timeTextOrNull(edge.codeUntilMs),
    seenAt: timeTextOrNull(edge.seenAtMs),
    findings: [...edge.health],
  };
}

export const edgeRowsSchema = z
  .object({
    upTo: z.number().int().describe('Who takes in these rows has all changes up to here'),
    latest: z.number().int(),
    rows: z.array(
      z.object({
        id: z.string(),
        epoch: z.number().int(),
        phase: z.enum(phases),
        addresses: z.array(z.string()),
        oldLogin: z.string(),
        newLogin: z.string(),
        appPasswords: z.array(
          z.object({
            id: z.string(),
            hash: z.string(),
            protocols: z.array(z.string()),
            nets: z.array(z.string()),
            expiresAtMs: z.number().int(),
          }),
        ),
        user: z
          .object({ hash: z.string().nullable(), quotaBytes: z.number().int().nullable() })
          .nullish()
          .describe('For edges of new: the account as their Dovecot is to know it'),
      }),
    ),
  })
  .meta({ id: 'EdgeRows' });
