/** What is wrong on a mail host, out of what was seen there. Pure: facts in, a report out. */
import type { ConfigurationLook, HostFinding, HostReport, LeftOutCheck } from '../../domain/host-report.ts';
import { reportText } from '../../domain/host-report.ts';
import { examineDovecot } from './examine-dovecot.ts';
import { examineEdge } from './examine-edge.ts';
import { examineHop } from './examine-hop.ts';
import { examinePostfix } from './examine-postfix.ts';
import type { Check, HostFacts, Looked } from './facts.ts';

/** The worst first, in between in the order of the table. */
export function examine(facts: HostFacts, lookedAtMs: number): HostReport {
  const findings = [
    ...examinePostfix(facts),
    ...examineHop(facts),
    ...examineEdge(facts),
    ...examineDovecot(facts),
  ].map(harmless);
  const rank = ({ severity }: HostFinding) => ['trouble', 'warning', 'note'].indexOf(severity);
  return {
    lookedAtMs,
    postfix: postfixLook(facts),
    dovecot: 'seen' in facts.dovecot ? lookOf(facts.dovecot.seen) : null,
    findings: findings.toSorted((a, b) => rank(a) - rank(b)),
    leftOut: leftOutOf(facts),
  };
}

/** Servers and tools have said some of it. */
function harmless({ values, ...rest }: HostFinding): HostFinding {
  return {
    ...rest,
    values: Object.fromEntries(Object.entries(values).map(([name, text]) => [name, reportText(text)])),
  };
}

const lookOf = ({ state, arguments: words }: ConfigurationLook): ConfigurationLook => ({
  state,
  arguments: words,
});

function postfixLook({ postfix }: HostFacts): ConfigurationLook | null {
  if (!('seen' in postfix)) return null;
  const { configured } = postfix.seen;
  const state =
    configured.kind === 'not-applied'
      ? 'not-applied'
      : configured.told === null
        ? 'unknown'
        : configured.changed.length > 0 || configured.refused !== null
          ? 'drifted'
          : 'applied';
  return { state, arguments: configured.arguments };
}

function leftOutOf(facts: HostFacts): LeftOutCheck[] {
  const all: Readonly<Record<Check, Looked<unknown>>> = {
    postfix: facts.postfix,
    running: facts.running,
    table: facts.table,
    routes: facts.routes,
    peer: facts.toPeer,
    recipients: facts.recipients,
    queue: facts.queue,
    dovecot: facts.dovecot,
    sessions: facts.sessions,
    replica: facts.replica,
    control: facts.control,
    clock: facts.clockAheadMs,
    files: facts.files,
    disk: facts.disk,
  };
  return Object.entries(all).flatMap(([check, looked]) =>
    'seen' in looked ? [] : [{ check, reason: looked.leftOut, said: reportText(looked.said ?? '') }],
  );
}
