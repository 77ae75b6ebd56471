/**
 * Asks for a password on the terminal without showing it. However it ends (typed, Ctrl-C, a signal, the terminal gone),
 * the terminal shows again what is typed; what was typed never goes into any output.
 */
import { MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { CommandEnv } from './command-env.ts';

type PromptEnv = Pick<CommandEnv, 'stderr' | 'signal'> & {
  readonly stdin: Pick<
    NodeJS.ReadStream,
    'setRawMode' | 'setEncoding' | 'resume' | 'pause' | 'on' | 'off' | 'unshift'
  >;
};

/** What was typed up to Enter or Ctrl-D; an empty secret when that was nothing. Rejects on Ctrl-C and on the signal. */
export async function promptPassword(command: PromptEnv, question: string): Promise<Secret> {
  const { stdin, stderr, signal } = command;
  signal.throwIfAborted();
  // First, so that nothing shows of what is typed as soon as the question stands there.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.setEncoding('utf8');
  const line = new HiddenLine();
  let detach = () => {};
  try {
    return await new Promise<Secret>((resolve, reject) => {
      const onData = (text: string) => {
        const end = line.type(text);
        if (end === null) return;
        // What was typed ahead is for the next prompt; a stream that still flows would hand it to this one again.
        stdin.pause();
        detach();
        if (end.rest !== '') stdin.unshift(end.rest);
        if (end.by === 'interrupt') reject(new MailferryError('interrupted', 'interrupted'));
        else resolve(new Secret(line.text));
      };
      const onEnd = () => resolve(new Secret(line.text));
      const onAbort = () => reject(signal.reason);
      detach = () => {
        stdin.off('data', onData).off('end', onEnd);
        signal.removeEventListener('abort', onAbort);
      };
      stdin.on('data', onData).on('end', onEnd).resume();
      signal.addEventListener('abort', onAbort);
    });
  } finally {
    stdin.pause();
    detach();
    stdin.setRawMode(false);
    stderr.write('\n');
  }
}

/** How a line ended, and what was typed behind its end. */
interface LineEnd {
  readonly by: 'enter' | 'interrupt';
  readonly rest: string;
}

/** Keys that send more than one character, as arrows do; nobody means them as part of a password. */
const keySequence = /^\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.)/;

/** A line of a terminal in raw mode, with the editing that a terminal does otherwise. */
export class HiddenLine {
  #typed: string[] = [];

  /** The line as it is now. */
  get text(): string {
    return this.#typed.join('');
  }

  /** Takes what was typed; null as long as the line has not ended. */
  type(text: string): LineEnd | null {
    for (let at = 0; at < text.length; ) {
      const sequence = keySequence.exec(text.slice(at))?.[0];
      const char = sequence ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
      at += char.length;
      if (char === '\r' || char === '\n' || char === '\u0004') return { by: 'enter', rest: text.slice(at) };
      if (char === '\u0003') return { by: 'interrupt', rest: '' };
      if (char === '\u007f' || char === '\b') this.#typed.pop();
      else if (char === '\u0015') this.#typed = [];
      // Other control characters are keys hit by mistake, such as Ctrl-Z.
      else if (char >= ' ') this.#typed.push(char);
    }
    return null;
  }
}
