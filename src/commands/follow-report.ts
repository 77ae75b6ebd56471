/** How `copy --follow` tells what each round did: the whole summary once, then a line for every round with work. */
import type { CopyResult } from '../sync/index.ts';
import type { CommandEnv } from './command-env.ts';
import { count, counted } from './format.ts';

export type Heard = 'all' | 'inbox' | 'nothing';

/** `summary` is told after the first round. */
export function followReport(
  env: CommandEnv,
  json: boolean,
  pollSeconds: number,
  summary: (result: CopyResult) => void,
): (result: CopyResult, heard: Heard) => void {
  let rounds = 0;
  return (result, heard) => {
    const first = rounds++ === 0;
    if (first) summary(result);
    if (json) {
      if (first || isWork(result)) env.stdout.write(`${JSON.stringify(roundObject(result, heard))}\n`);
      return;
    }
    if (first)
      env.stdout.write(`Following the old side (${heardText(heard, pollSeconds)}); Ctrl-C ends it.\n`);
    else if (isWork(result)) env.stdout.write(`${roundText(result)}\n`);
  };
}

function isWork({ counts, messages }: CopyResult): boolean {
  return messages.copied + counts.flagsChanged + counts.moved + counts.removed + counts.adopted > 0;
}

/** A contract: docs/reference/cli.md. */
function roundObject(result: CopyResult, heard: Heard): object {
  const { counts, messages, refused, problems } = result;
  return {
    type: 'round',
    copied: messages.copied,
    flagsChanged: counts.flagsChanged,
    moved: counts.moved,
    removed: counts.removed,
    adopted: counts.adopted,
    refused: refused.length,
    problems: problems.length,
    heard,
  };
}

function roundText({ counts, messages, refused }: CopyResult): string {
  const parts = [
    messages.copied > 0 ? `${count(messages.copied)} copied` : '',
    counts.flagsChanged > 0 ? counted(counts.flagsChanged, 'flag change') : '',
    counts.moved > 0 ? `${count(counts.moved)} moved` : '',
    counts.removed > 0 ? `${count(counts.removed)} removed as on old` : '',
    counts.adopted > 0 ? `${count(counts.adopted)} recognised on new` : '',
    refused.length > 0 ? `${count(refused.length)} not on new` : '',
  ];
  return parts.filter((text) => text !== '').join(', ');
}

function heardText(heard: Heard, pollSeconds: number): string {
  const poll = `looks every ${count(pollSeconds)} s`;
  return {
    all: `told by the server, and ${poll}`,
    inbox: `INBOX told by the server, ${poll}`,
    nothing: poll,
  }[heard];
}
