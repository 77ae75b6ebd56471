/** What leaves of sessions and of the people in them. */
import { z } from 'zod';
import type { Person } from '../../state/database/people.ts';
import type { SessionRow } from '../../state/database/sessions.ts';
import { teamRights } from '../../state/database/team-people.ts';
import type { SessionPrincipal } from '../policies/scopes.ts';
import { timeSchema, timeText } from './time.ts';

export const localeSchema = z.enum(['de', 'en']);
export const rightsSchema = z.array(z.enum(teamRights));

export const sessionSchema = z
  .object({
    person: z.object({
      login: z.string(),
      displayName: z.string().nullable(),
      locale: localeSchema,
      roles: z.object({
        account: z.object({ id: z.string(), address: z.string() }).nullable().describe('Their own mailbox'),
        teams: z.array(z.object({ id: z.string(), name: z.string(), rights: rightsSchema })),
        operator: z.boolean(),
      }),
    }),
    sessionId: z.string(),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    needsTotp: z
      .boolean()
      .describe('An operator without a second factor: PUT /operator/totp first, nothing else is open'),
  })
  .meta({ id: 'Session' });
export type SessionAnswer = z.output<typeof sessionSchema>;

export function sessionAnswer(
  session: SessionPrincipal,
  account: { readonly id: string; readonly address: string } | null,
): SessionAnswer {
  const { id, login, displayName, locale, teams, operator, needsTotp, createdAtMs, expiresAtMs } = session;
  return {
    person: {
      login,
      displayName,
      locale,
      roles: {
        account: account === null ? null : { id: account.id, address: account.address },
        teams: teams.map((team) => ({ id: team.id, name: team.name, rights: [...team.rights] })),
        operator,
      },
    },
    sessionId: id,
    createdAt: timeText(createdAtMs),
    expiresAt: timeText(expiresAtMs),
    needsTotp,
  };
}

export const sessionRowSchema = z.object({
  id: z.string(),
  createdAt: timeSchema,
  lastSeenAt: timeSchema.describe('To the minute'),
  address: z.string().describe('Network address that it began from'),
  userAgent: z.string(),
  current: z.boolean(),
});

export function sessionRowAnswer(row: SessionRow, currentId: string): z.output<typeof sessionRowSchema> {
  return {
    id: row.id,
    createdAt: timeText(row.createdAtMs),
    lastSeenAt: timeText(row.lastSeenMs),
    address: row.address,
    userAgent: row.userAgent,
    current: row.id === currentId,
  };
}

export const operatorSchema = z
  .object({
    login: z.string(),
    displayName: z.string().nullable(),
    totp: z.enum(['none', 'begun', 'confirmed']).describe('The second factor'),
    createdAt: timeSchema,
  })
  .meta({ id: 'Operator' });
export type OperatorAnswer = z.output<typeof operatorSchema>;

export function operatorAnswer({ login, displayName, totp, createdAtMs }: Person): OperatorAnswer {
  return { login, displayName, totp, createdAt: timeText(createdAtMs) };
}
