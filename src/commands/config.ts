/** `mailferry config`: checks the daemon's configuration, or prints one with a comment at every key. */
import { Command } from 'commander';
import type { CommandEnv } from './command-env.ts';
import { configDovecotCommand } from './config-dovecot.ts';
import { configPostfixCommand } from './config-postfix.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly files: boolean;
}

export function configCommand(env: CommandEnv, done: (code: number) => void): Command {
  const command = new Command('config').description(
    'check the configuration of the daemon, print an example, and tell Postfix',
  );
  command
    .command('check')
    .description('say whether the configuration is right, and what is wrong where')
    .option('--config <file>', 'else MAILFERRY_CONFIG, else /etc/mailferry/mailferry.toml')
    .option('--no-files', 'leave the files alone that it names, as on a machine that is not the daemon’s')
    .option('--json', 'one JSON object with every value in force')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry config check --config mailferry.toml
  MAILFERRY__OLD__LIMITS__CONNECTIONS=20 mailferry config check --json
  mailferry config check --config mailferry.toml --no-files

The files that it names are read as the daemon would: run it as the daemon's user.

Exit codes: 0 it is right; 2 it is not, each fault with file, line and what is allowed.`),
    )
    .action(async (options: CheckOptions) => {
      const { file, effective, secretsGiven, warnings } = await env.checkConfiguration(
        options.config ?? null,
        { files: options.files },
      );
      if (options.json === true) {
        const line = { type: 'configuration', file, configuration: effective, secretsGiven, warnings };
        env.stdout.write(`${JSON.stringify(line)}\n`);
      } else {
        for (const warning of warnings) env.stderr.write(`mailferry: ${warning}\n`);
        env.stdout.write(`${file} is right.\n`);
      }
      done(exitCode.ok);
    });
  command
    .command('example')
    .description('print a configuration with a comment at every key')
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry config example > mailferry.toml

Exit codes: 0 printed.`),
    )
    .action(async () => {
      env.stdout.write(await env.exampleConfiguration());
      done(exitCode.ok);
    });
  command.addCommand(configPostfixCommand(env, done));
  command.addCommand(configDovecotCommand(env, done));
  command.addHelpText(
    'after',
    more(`
Examples:
  mailferry config check
  mailferry config example > mailferry.toml

mailferry config VERB --help shows the options of each.`),
  );
  return command;
}
