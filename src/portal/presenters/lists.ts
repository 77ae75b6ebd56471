/** What leaves of servers, teams, domains, tokens and the audit log. */
import { z } from 'zod';
import { knownScopes, scopes } from '../policies/scopes.ts';
import type { TokenRow } from '../../state/database/api-tokens.ts';
import type { AuditRow } from '../../state/database/audit.ts';
import type { Domain } from '../../state/database/domains.ts';
import type { ServerRow } from '../../state/database/servers.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

export const teamSchema = z
  .object({ id: z.string(), name: z.string(), accounts: z.int() })
  .meta({ id: 'Team' });

export const domainSchema = z
  .object({
    name: z.string(),
    team: z.string().nullable().describe('Of the list that brought the domain in'),
    phase: z.string().describe('relayed: its mail arrives at old'),
    accounts: z.int(),
    teams: z.array(z.string()).describe('Of its accounts'),
    phases: z.record(z.string(), z.int()).describe('Its accounts by phase'),
    messagesTotal: z.int().describe('Of accounts that were counted'),
    messagesDone: z.int(),
  })
  .meta({ id: 'Domain' });

export type DomainAnswer = z.output<typeof domainSchema>;

export function domainAnswer(domain: Domain): DomainAnswer {
  return { ...domain, teams: [...domain.teams], phases: { ...domain.phases } };
}

export const serverSchema = z
  .object({
    side: z.enum(['old', 'new']),
    host: z.string(),
    port: z.int(),
    tls: z.enum(['implicit', 'starttls', 'none']).describe('As configured'),
    limits: z.record(z.string(), z.union([z.number(), z.string()])).describe('As configured'),
    capabilities: z.array(z.string()).nullable().describe('As last announced; null before it was reached'),
    seenAt: timeSchema.nullable(),
  })
  .meta({ id: 'Server' });

export type ServerAnswer = z.output<typeof serverSchema>;

export const masterUserSchema = z
  .object({
    side: z.enum(['old', 'new']),
    login: z.string().nullable(),
    /** The password is never shown. */
    from: z.enum(['configuration', 'database']).nullable(),
  })
  .meta({ id: 'MasterUser' });

export type MasterUserAnswer = z.output<typeof masterUserSchema>;

export function serverAnswer(row: ServerRow, tls: ServerAnswer['tls']): ServerAnswer {
  const { side, host, port, capabilities } = row;
  return {
    side,
    host,
    port,
    tls,
    limits: row.limits as Record<string, number | string>,
    capabilities: capabilities === null ? null : [...capabilities],
    seenAt: timeTextOrNull(row.seenAtMs),
  };
}

export const auditSchema = z
  .object({
    id: z.int(),
    at: timeSchema,
    actor: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    address: z.string().nullable().describe('Of the account that `subject` is; null for anything else'),
    name: z
      .string()
      .nullable()
      .describe('Of the team, token, wave, webhook or edge that `subject` is, while it is there'),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditAnswer = z.output<typeof auditSchema>;

export function auditAnswer({ atMs, detail, ...row }: AuditRow): AuditAnswer {
  return { ...row, at: timeText(atMs), detail: { ...detail } };
}

export const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    createdAt: timeSchema,
    lastUsedAt: timeSchema.nullable().describe('To the minute'),
    expiresAt: timeSchema.nullable(),
    revokedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Token' });
export type TokenAnswer = z.output<typeof tokenSchema>;

export function tokenAnswer(row: TokenRow): TokenAnswer {
  return {
    id: row.id,
    name: row.name,
    scopes: [...knownScopes(row.scopes)],
    createdAt: timeText(row.createdAtMs),
    lastUsedAt: timeTextOrNull(row.lastUsedMs),
    expiresAt: timeTextOrNull(row.expiresAtMs),
    revokedAt: timeTextOrNull(row.revokedAtMs),
  };
}
