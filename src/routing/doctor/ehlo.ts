/** Replies of an SMTP server (RFC 5321 §4.2), as far as a look at a peer needs them. Pure. */

export interface SmtpReply {
  readonly code: number;
  /** Without the codes. */
  readonly lines: readonly string[];
}

/** An honest reply has a few lines; EHLO's some twenty. */
const mostReplyBytes = 16_384;

/** Takes bytes as they come, and gives whole replies. Throws where what comes is no SMTP. */
export class SmtpReplies {
  #rest = '';
  #lines: string[] = [];
  #bytes = 0;

  push(text: string): SmtpReply[] {
    this.#bytes += text.length;
    if (this.#bytes > mostReplyBytes) throw new Error('it says too much');
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop() ?? '';
    const replies: SmtpReply[] = [];
    for (const part of parts) {
      const line = part.replace(/\r$/, '');
      const [, code, more, said = ''] = /^(\d{3})(?:([ -])(.*))?$/.exec(line) ?? [];
      if (code === undefined) throw new Error(`this is no SMTP: ${line.slice(0, 80)}`);
      this.#lines.push(said);
      if (more === '-') continue;
      replies.push({ code: Number(code), lines: this.#lines });
      this.#lines = [];
      this.#bytes = this.#rest.length;
    }
    return replies;
  }
}

/** `550 5.1.1 no such user`. */
export function replyText({ code, lines }: SmtpReply): string {
  return `${code} ${lines.join(' ')}`.trim();
}

/** What is announced (RFC 5321 §4.1.1.1): the lines after the first, upper case, with single blanks. */
export function extensionsOf({ lines }: SmtpReply): string[] {
  return lines.slice(1).map((line) => line.toUpperCase().trim().replaceAll(/\s+/g, ' '));
}
