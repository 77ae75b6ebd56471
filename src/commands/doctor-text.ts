/** What the doctor found, as people read it and as programs do. Pure. */
import type { ConfigurationLook, HostReport } from '../domain/host-report.ts';
import { configCommand, findingWords, leftOutWords } from '../routing/index.ts';
import type { LookedHost } from './doctor.ts';
import { counted } from './format.ts';

const columns = 80;
const states = {
  applied: 'applied',
  drifted: 'applied, and changed since',
  'not-applied': 'not applied',
  unknown: 'applied by an earlier release: apply it again, so that changes are noticed',
} as const;

export function doctorText({ side, directory, report }: LookedHost, nowMs: number): string {
  const { findings, leftOut } = report;
  const seconds = Math.max(0, Math.round((nowMs - report.lookedAtMs) / 1_000));
  const lines = [`The ${side} side, edge in ${directory} (looked at ${seconds} s ago)`, ''];
  for (const what of ['postfix', 'dovecot'] as const) lines.push(...configurationLines(what, report[what]));
  lines.push('');
  for (const finding of findings) {
    const { what, fix } = findingWords(finding, 'en');
    lines.push(`${finding.severity}  ${finding.code}`, ...wrapped(what, '  '), ...wrapped(fix, '  -> '), '');
  }
  if (leftOut.length > 0) {
    lines.push('Not looked at:');
    for (const one of leftOut) lines.push(...wrapped(leftOutWords(one, 'en'), '  '));
    lines.push('');
  }
  lines.push(summaryText(report), '');
  return lines.join('\n');
}

function configurationLines(what: 'postfix' | 'dovecot', look: ConfigurationLook | null): string[] {
  if (look === null) return [];
  const name = { postfix: 'Postfix', dovecot: 'Dovecot' }[what];
  return [
    ...wrapped(`Configuration of ${name}: ${states[look.state]}.`, ''),
    `  ${configCommand(what, look.arguments)}`,
  ];
}

function summaryText({ findings }: HostReport): string {
  if (findings.length === 0) return 'Nothing is wrong.';
  const { trouble, warnings, notes } = summaryOf(findings);
  const found = counted(findings.length, 'finding');
  return `${found}: ${trouble} trouble, ${counted(warnings, 'warning')}, ${counted(notes, 'note')}.`;
}

function summaryOf(findings: HostReport['findings']) {
  const of = (severity: string) => findings.filter((one) => one.severity === severity).length;
  return { trouble: of('trouble'), warnings: of('warning'), notes: of('note') };
}

/** Lines of JSON: for each host what it is, its findings, and what was left out; at last a summary of all. */
export function doctorLines(hosts: readonly LookedHost[]): object[] {
  const all = hosts.flatMap(({ report }) => report.findings);
  return [
    ...hosts.flatMap(({ side, directory, report }) => [
      {
        type: 'host',
        side,
        directory,
        lookedAt: new Date(report.lookedAtMs).toISOString(),
        postfix: configurationOf('postfix', report.postfix),
        dovecot: configurationOf('dovecot', report.dovecot),
      },
      ...report.findings.map((finding) => ({
        type: 'finding',
        side,
        ...finding,
        ...findingWords(finding, 'en'),
      })),
      ...report.leftOut.map((one) => ({ type: 'left-out', side, ...one, what: leftOutWords(one, 'en') })),
    ]),
    { type: 'summary', hosts: hosts.length, ...summaryOf(all) },
  ];
}

function configurationOf(what: 'postfix' | 'dovecot', look: ConfigurationLook | null): object | null {
  return look === null ? null : { state: look.state, command: configCommand(what, look.arguments) };
}

/** Broken between words; what has no blanks stays whole. */
function wrapped(text: string, indent: string): string[] {
  const rest = ' '.repeat(indent.length);
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const isFirst = line === indent || line === rest;
    if (!isFirst && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line];
}
