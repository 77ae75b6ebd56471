/** Edges as the API tells of them, and the rows that edges pull. */
import { z } from 'zod';
import { phases } from '../../domain/phase.ts';
import {
  appliedStates,
  type ConfigurationLook,
  type HostReport,
  longestReportText,
  mostReportArguments,
  mostReportFindings,
  mostReportValues,
  reportWordForm,
  severities,
} from '../../domain/host-report.ts';
import { configCommand, findingWords, leftOutWords } from '../../routing/index.ts';
import type { Edge } from '../../state/database/edges.ts';
import type { Locale } from '../../state/database/sessions.ts';
import { timeSchema, timeText, timeTextOrNull } from './time.ts';

export const sideSchema = z.enum(['old', 'new']);

export const findingSchema = z.object({
  part: z.string().min(1).max(64).describe('`replica`, `transport`, ...'),
  text: z.string().max(2_000),
});

const wordSchema = z.string().regex(reportWordForm);
const lineSchema = z.string().max(longestReportText);

const lookedSchema = z.strictObject({
  state: z.enum(appliedStates),
  arguments: z
    .array(lineSchema)
    .max(mostReportArguments)
    .describe('What `mailferry config` is called with on this host, without --apply'),
});

/** As an edge tells what the doctor of its host found. */
export const reportSchema = z.strictObject({
  lookedAt: timeSchema,
  postfix: lookedSchema.nullable(),
  dovecot: lookedSchema.nullable(),
  findings: z
    .array(
      z.strictObject({
        code: wordSchema,
        severity: z.enum(severities),
        values: z
          .record(wordSchema, lineSchema)
          .refine((values) => Object.keys(values).length <= mostReportValues),
      }),
    )
    .max(mostReportFindings),
  leftOut: z
    .array(z.strictObject({ check: wordSchema, reason: wordSchema, said: lineSchema }))
    .max(mostReportFindings),
});

const configurationSchema = z
  .object({
    state: z
      .enum(appliedStates)
      .describe('`drifted`: it was applied, and is not so any more; `unknown`: by an earlier release'),
    command: z.string().describe('Prints it on that host; --apply puts it in force'),
  })
  .nullable()
  .describe('Null where the host has none');

const doctorSchema = z
  .object({
    lookedAt: timeSchema.describe('By the clock of the mail host'),
    heardAt: timeSchema,
    postfix: configurationSchema,
    dovecot: configurationSchema,
    findings: z.array(
      z.object({
        code: z.string(),
        severity: z.enum(severities),
        what: z.string().describe('In the language of the session or of Accept-Language'),
        fix: z.string(),
        values: z.record(z.string(), z.string()),
      }),
    ),
    leftOut: z
      .array(z.object({ check: z.string(), reason: z.string(), what: z.string() }))
      .describe('What was not looked at, and why'),
  })
  .meta({ id: 'HostReport' });

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
    doctor: doctorSchema.nullable().describe('What the doctor found on its host; null before it has looked'),
  })
  .meta({ id: 'Edge' });

export function edgeAnswer(edge: Edge, locale: Locale): z.output<typeof edgeSchema> {
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
    doctor:
      edge.report === null || edge.reportedAtMs === null
        ? null
        : doctorAnswer(edge.report, edge.reportedAtMs, locale),
  };
}

function doctorAnswer(report: HostReport, heardAtMs: number, locale: Locale): z.output<typeof doctorSchema> {
  const configuration = (what: 'postfix' | 'dovecot', look: ConfigurationLook | null) =>
    look === null ? null : { state: look.state, command: configCommand(what, look.arguments) };
  return {
    lookedAt: timeText(report.lookedAtMs),
    heardAt: timeText(heardAtMs),
    postfix: configuration('postfix', report.postfix),
    dovecot: configuration('dovecot', report.dovecot),
    findings: report.findings.map(({ code, severity, values }) => ({
      code,
      severity,
      values: { ...values },
      ...findingWords({ code, severity, values }, locale),
    })),
    leftOut: report.leftOut.map((one) => ({
      check: one.check,
      reason: one.reason,
      what: leftOutWords(one, locale),
    })),
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
