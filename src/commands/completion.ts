/** `mailferry completion`: a script for bash or zsh that completes verbs and options. */
import { Command } from 'commander';
import { MailferryError } from '../base/errors.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';

type Verbs = Readonly<Record<string, (env: CommandEnv, done: (code: number) => void) => Promise<Command>>>;

export function completionCommand(env: CommandEnv, done: (code: number) => void, verbs: Verbs): Command {
  return new Command('completion')
    .description('print a completion script for your shell')
    .argument('<shell>', 'bash or zsh')
    .addHelpText(
      'after',
      `
Examples:
  source <(mailferry completion bash)
  mailferry completion zsh > ~/.zfunc/_mailferry`,
    )
    .action(async (shell: string) => {
      if (shell !== 'bash' && shell !== 'zsh') {
        throw new MailferryError('usage', `completion: bash or zsh, not "${shell}"`);
      }
      const words = new Map<string, string[]>();
      for (const [verb, load] of Object.entries(verbs)) {
        if (verb === 'completion') continue;
        const command = await load(env, () => {});
        const below = command.commands.flatMap((c) => [c.name(), ...c.options.map((o) => o.long ?? '')]);
        words.set(verb, [...below, ...command.options.map((o) => o.long ?? o.short ?? ''), '--help']);
      }
      env.stdout.write(script(shell, words));
      done(exitCode.ok);
    });
}

function script(shell: 'bash' | 'zsh', words: ReadonlyMap<string, readonly string[]>): string {
  const verbs = [...words.keys(), 'completion'].join(' ');
  const cases = [...words]
    .map(([verb, options]) => `    ${verb}) words="${options.join(' ')}" ;;`)
    .join('\n');
  const body = `_mailferry() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${cases}
    completion) words="bash zsh" ;;
    *) words="" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${verbs} --help --version"; fi
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    *-file|--state|--config) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _mailferry mailferry
`;
  return shell === 'bash' ? body : `#compdef mailferry\nautoload -U +X bashcompinit && bashcompinit\n${body}`;
}
