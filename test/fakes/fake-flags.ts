/** Which flags the fake server takes, and what it does with the others. */
import type { Flags, Refusal } from '../../src/sync/mail-store.ts';
import type { FakeMailbox } from './fake-mailbox.ts';
import type { FakeServer } from './fake-server.ts';

const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

/** RFC 9051 §9 `flag-keyword`: an atom. */
const keyword = /^[^\s(){%*"\\\]\p{Cc}\u0080-\u{10ffff}]+$/u;

function isSystem(flag: string): boolean {
  return systemFlags.some((one) => one.toLowerCase() === flag.toLowerCase());
}

function keywordsOf(mailbox: FakeMailbox): string[] {
  const keywords = new Map<string, string>();
  for (const message of mailbox.messages) {
    for (const flag of message.flags) if (!flag.startsWith('\\')) keywords.set(flag.toLowerCase(), flag);
  }
  return [...keywords.values()];
}

export function permanentFlagsOf(server: FakeServer, mailbox: FakeMailbox): string[] {
  if (server.applies('keywords-not-permitted', mailbox.name)) return [...systemFlags];
  return [...systemFlags, ...keywordsOf(mailbox), '\\*'];
}

/** The flags that will stick, or why the command is refused. */
export function permittedFlags(
  server: FakeServer,
  mailbox: FakeMailbox,
  flags: Flags,
): { readonly flags: string[] } | { readonly refusal: Refusal } {
  for (const flag of flags) {
    if (!isSystem(flag) && !keyword.test(flag)) {
      return { refusal: { class: 'bad-flags', code: null, text: `BAD Invalid flag ${flag}` } };
    }
    if (server.take('refuse-flags', mailbox.name, (one) => one.flag.toLowerCase() === flag.toLowerCase())) {
      return { refusal: { class: 'bad-flags', code: null, text: `Flag ${flag} is not supported` } };
    }
  }
  const system = flags.filter(isSystem);
  const keywords = flags.filter((flag) => !isSystem(flag));
  if (keywords.length === 0) return { flags: system };
  const none = server.take('keywords-not-permitted', mailbox.name);
  if (none?.answer === 'refuse') {
    return { refusal: { class: 'bad-flags', code: 'CANNOT', text: 'Keywords are not permitted' } };
  }
  if (none) return { flags: system };
  return withinLimit(server, mailbox, system, keywords);
}

/** Maildir has room for 26 keywords a mailbox (F-62). */
function withinLimit(server: FakeServer, mailbox: FakeMailbox, system: string[], keywords: string[]) {
  const rule = server.take('keyword-limit', mailbox.name);
  if (!rule) return { flags: [...system, ...keywords] };
  const known = new Set(keywordsOf(mailbox).map((flag) => flag.toLowerCase()));
  const kept: string[] = [];
  for (const flag of keywords) {
    if (!known.has(flag.toLowerCase()) && known.size >= rule.limit) {
      if (rule.answer === 'drop') continue;
      const refusal: Refusal = { class: 'bad-flags', code: 'LIMIT', text: 'Too many keywords in mailbox' };
      return { refusal };
    }
    known.add(flag.toLowerCase());
    kept.push(flag);
  }
  return { flags: [...system, ...kept] };
}
