/** `mailferry doctor`: looks at this mail host, and says what is wrong and what to do about it. */
import { Command, Option } from 'commander';
import type { HostReport, Severity } from '../domain/host-report.ts';
import type { CommandEnv } from './command-env.ts';
import { doctorLines, doctorText } from './doctor-text.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';

export interface DoctorRequest {
  /** Null: of either side. */
  readonly side: 'old' | 'new' | null;
  /** Of the edge; null: those that are there. */
  readonly directory: string | null;
  readonly config: string | null;
}

export interface LookedHost {
  readonly side: 'old' | 'new';
  readonly directory: string;
  readonly report: HostReport;
}

interface DoctorOptions {
  readonly side?: 'old' | 'new';
  readonly directory?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function doctorCommand(env: CommandEnv, done: (code: number) => void): Command {
  return new Command('doctor')
    .description('on a mail host: say what is wrong with its edge, Postfix and Dovecot')
    .addOption(new Option('--side <side>', 'only of this side, where both are here').choices(['old', 'new']))
    .option('--directory <dir>', 'that of the edge; else those of the configuration and the usual one')
    .option('--config <file>', 'the configuration of mailferry serve, where the edges run within it')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      more(`
It looks at what the edge was last run with, and changes nothing. Some of it
only root may see; what was left out is told with the reason.

Examples:
  mailferry doctor
  mailferry doctor --side old --json
  mailferry doctor --directory /var/lib/mailferry/edge-old

Exit codes: 0 nothing is trouble (there may be warnings); 1 trouble was found;
2 wrong usage, or there is no edge here.`),
    )
    .action(async ({ side, directory, config, json }: DoctorOptions) => {
      const request = { side: side ?? null, directory: directory ?? null, config: config ?? null };
      const hosts = await env.runDoctor(request, env.signal);
      const { stdout } = env;
      if (json === true) for (const line of doctorLines(hosts)) stdout.write(`${JSON.stringify(line)}\n`);
      else stdout.write(hosts.map((host) => doctorText(host, env.clock.now())).join('\n'));
      done(hosts.some(({ report }) => has(report, 'trouble')) ? exitCode.incomplete : exitCode.ok);
    });
}

function has({ findings }: HostReport, severity: Severity): boolean {
  return findings.some((one) => one.severity === severity);
}
