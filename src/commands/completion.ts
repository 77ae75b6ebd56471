/** `mailferry completion`: a script for bash or zsh that completes verbs, options and what they may hold. */
import { Argument, Command, type Option } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { more } from './help-text.ts';

const shells = ['bash', 'zsh'];

export function completionCommand(
  env: CommandEnv,
  done: (code: number) => void,
  /** All others, and this one. */
  verbs: () => Promise<readonly Command[]>,
): Command {
  const shellArgument = new Argument('<shell>', 'which one');
  shellArgument.argChoices = shells;
  return new Command('completion')
    .description('print a completion script for your shell')
    .addArgument(shellArgument)
    .addHelpText(
      'after',
      more(`
Examples:
  source <(mailferry completion bash)
  mailferry completion zsh > ~/.zfunc/_mailferry

Exit codes: 0 printed; 2 another shell.`),
    )
    .action(async (shell: string) => {
      if (!shells.includes(shell)) {
        throw new MailferryError('usage', `completion: bash or zsh, not "${shell}"`);
      }
      env.stdout.write(script(shell, await verbs()));
      done(exitCode.ok);
    });
}

/** A command with the path that the shell's line has up to it: `/accounts/import`. */
interface Place {
  readonly path: string;
  readonly command: Command;
}

function places(commands: readonly Command[], above = ''): Place[] {
  return commands.flatMap((command) => {
    const path = `${above}/${command.name()}`;
    return [{ path, command }, ...places(command.commands, path)];
  });
}

function script(shell: string, verbs: readonly Command[]): string {
  const all = places(verbs);
  const words = [
    `    "") words="${[...verbs.map((verb) => verb.name()), 'help', '--help', '--version'].join(' ')}" ;;`,
    `    /help) words="${verbs.map((verb) => verb.name()).join(' ')}" ;;`,
    ...all.map(({ path, command }) => `    ${path}) words="${wordsOf(command).join(' ')}" ;;`),
  ];
  const files = all.filter(({ command }) => command.registeredArguments.some((one) => one.name() === 'file'));
  const body = `_mailferry() {
  local words="" path="" at current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$path/\${COMP_WORDS[at]}" in
      /help|${all.map(({ path }) => path).join('|')}) path="$path/\${COMP_WORDS[at]}" ;;
    esac
  done
  case "$path $before" in
${all.flatMap(({ path, command }) => command.options.flatMap((option) => valueCase(path, option))).join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$path" in
    ${files.map(({ path }) => path).join('|')}) COMPREPLY+=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _mailferry mailferry
`;
  return shell === 'bash' ? body : `#compdef mailferry\nautoload -U +X bashcompinit && bashcompinit\n${body}`;
}

function wordsOf(command: Command): string[] {
  const choices = command.registeredArguments.flatMap((one) => one.argChoices ?? []);
  const options = command.options.map((one) => one.long ?? one.short ?? '');
  return [...command.commands.map((one) => one.name()), ...choices, ...options, '--help'];
}

/** What may stand behind an option: words, files, a directory, or what nobody but the operator knows. */
function valueCase(path: string, option: Option): string[] {
  if (!option.required && !option.optional) return [];
  const values =
    option.argChoices !== undefined
      ? `-W "${option.argChoices.join(' ')}"`
      : option.flags.endsWith('<file>')
        ? '-f'
        : option.flags.endsWith('<dir>')
          ? '-d'
          : null;
  const reply = values === null ? 'COMPREPLY=()' : `COMPREPLY=($(compgen ${values} -- "$current"))`;
  // What may be left out is not asked for.
  if (!option.required && values === null) return [];
  return [`    "${path} ${option.long}") ${reply}; return ;;`];
}
