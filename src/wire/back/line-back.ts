/** Backs whose answers are lines: POP3, submission and ManageSieve. Pure. */
import { latin1Of } from '../../base/bytes.ts';
import { maxServerLine } from './back.ts';
import { BackCore } from './back-core.ts';

export abstract class LineBack extends BackCore {
  /** `line` in ISO 8859-1. */
  protected abstract hear(line: string): void;

  protected read(): boolean {
    const line = this.input.line(maxServerLine);
    if (line === 'more') return false;
    if (line === 'too-long') return this.fail('it sent a line that is too long');
    this.hear(latin1Of(line));
    return true;
  }
}
