/** All verbs as one tree of commander's commands. Each is loaded only when it is called: start-up time is part of every pass with nothing to do. */
import { Command } from 'commander';
import type { CommandEnv } from './command-env.ts';
import { more } from './help-text.ts';

type Load = (env: CommandEnv, done: (code: number) => void) => Promise<Command>;

/** In the order of the help, under its headings. */
const groups: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  'One account:': {
    copy: async (env, done) => (await import('./copy.ts')).copyCommand(env, done),
    verify: async (env, done) => (await import('./verify.ts')).verifyCommand(env, done),
    ls: async (env, done) => (await import('./ls.ts')).lsCommand(env, done),
  },
  'Many accounts, by a daemon:': {
    init: async (env, done) => (await import('./init.ts')).initCommand(env, done),
    config: async (env, done) => (await import('./config.ts')).configCommand(env, done),
    serve: async (env, done) => (await import('./daemon.ts')).daemonCommand(env, done, 'serve'),
    control: async (env, done) => (await import('./daemon.ts')).daemonCommand(env, done, 'control'),
    worker: async (env, done) => (await import('./daemon.ts')).daemonCommand(env, done, 'worker'),
    edge: async (env, done) => (await import('./edge.ts')).edgeCommand(env, done),
    doctor: async (env, done) => (await import('./doctor.ts')).doctorCommand(env, done),
    accounts: async (env, done) => (await import('./accounts.ts')).accountsCommand(env, done),
    sync: async (env, done) => (await import('./sync.ts')).syncCommand(env, done),
    discover: async (env, done) => (await import('./discover.ts')).discoverCommand(env, done),
    provision: async (env, done) => (await import('./provision.ts')).provisionCommand(env, done),
    report: async (env, done) => (await import('./report.ts')).reportCommand(env, done),
    refused: async (env, done) => (await import('./refused.ts')).refusedCommand(env, done),
    audit: async (env, done) => (await import('./audit.ts')).auditCommand(env, done),
  },
  'Who may what:': {
    team: async (env, done) => (await import('./team.ts')).teamCommand(env, done),
    operator: async (env, done) => (await import('./operator.ts')).operatorCommand(env, done),
    server: async (env, done) => (await import('./server.ts')).serverCommand(env, done),
    token: async (env, done) => (await import('./token.ts')).tokenCommand(env, done),
  },
  'Beside:': {
    completion: async (env, done) =>
      (await import('./completion.ts')).completionCommand(env, done, () => allVerbs(env, () => {})),
  },
};

const verbs = new Map(
  Object.entries(groups).flatMap(([group, loads]) =>
    Object.entries(loads).map(([verb, load]) => [verb, { group, load }] as const),
  ),
);

/** The program with the verb that is called, or with all of them where none of that name is: for the help. */
export async function buildProgram(
  env: CommandEnv,
  options: {
    readonly version: string;
    readonly called: string | undefined;
    readonly done: (code: number) => void;
  },
): Promise<Command> {
  const { version, called, done } = options;
  const program = new Command('mailferry')
    .description('Moves mail accounts from an old mail server to a new one.')
    .version(version)
    .showHelpAfterError('(mailferry --help shows the commands)')
    .exitOverride()
    .addHelpText(
      'after',
      more(`
One account, copied once:
  mailferry copy --from imaps://anna%40example.org@old.example.org --to imaps://anna%40example.org@new.example.org

Many accounts, kept in step, with a portal: begin with
  mailferry init

mailferry VERB --help shows the options of each, with examples.`),
    );
  lay(program);
  const one = called === undefined ? undefined : verbs.get(called);
  const commands = one === undefined ? await allVerbs(env, done) : [await one.load(env, done)];
  for (const command of commands) {
    lay(command);
    command.helpGroup(verbs.get(command.name())?.group ?? '');
    for (const below of [command, ...command.commands]) {
      lay(below);
      const names = below === command ? command.name() : `${command.name()} ${below.name()}`;
      below.exitOverride().showHelpAfterError(`(mailferry ${names} --help shows examples)`);
    }
    program.addCommand(command);
  }
  return program.addHelpCommand(
    new Command('help').argument('[verb]').description('show the help of a verb').helpGroup('Beside:'),
  );
}

function allVerbs(env: CommandEnv, done: (code: number) => void): Promise<Command[]> {
  return Promise.all([...verbs.values()].map(({ load }) => load(env, done)));
}

/** Verbs with their arguments only, so that what they do has room beside them. */
function lay(command: Command): void {
  command.configureHelp({
    minWidthToWrap: 20,
    subcommandTerm: (one) =>
      [
        one.name(),
        ...one.registeredArguments.map((a) => (a.required ? `<${a.name()}>` : `[${a.name()}]`)),
      ].join(' '),
  });
}
