/** What the judge's own client sees on both sides of the demo, so that nobody has to take our word. */
import { type AccountSnapshot, RawImap, readAccount } from '../judge/imap-raw.ts';
import type { Dovecot, LabUser } from './dovecot.ts';

/** Half a minute: as long as the demo waits for a letter. */
const equalLooks = 15;

/** Mail goes on arriving, as that which tells owners that they are in step: what is on its way at one look is there at the next. */
export async function comeEqual(old: Dovecot, fresh: Dovecot, users: readonly LabUser[]): Promise<boolean> {
  for (let look = 1; look <= equalLooks; look++) {
    const compared = await Promise.all(users.map((user) => compare(old, fresh, user)));
    if (compared.every(({ lost, surplus }) => lost === 0 && surplus === 0)) return true;
    await new Promise((done) => setTimeout(done, 2_000));
  }
  return false;
}

/** The independent look: each body of old must be on new, twins as often as there; whatever the mailbox is called. */
export async function compare(
  old: Dovecot,
  fresh: Dovecot,
  user: LabUser,
): Promise<{ mailboxes: number; lost: number; surplus: number }> {
  const login = { user: user.name, password: user.password };
  const before = await readAccount({ ...login, port: old.imapPort });
  const after = await readAccount({ ...login, port: fresh.imapPort });
  const left = new Map<string, number>();
  for (const digest of digestsOf(after)) left.set(digest, (left.get(digest) ?? 0) + 1);
  let lost = 0;
  for (const digest of digestsOf(before)) {
    const count = left.get(digest) ?? 0;
    if (count === 0) lost += 1;
    else left.set(digest, count - 1);
  }
  const surplus = [...left.values()].reduce((sum, count) => sum + count, 0);
  return { mailboxes: [...before.values()].filter(({ selectable }) => selectable).length, lost, surplus };
}

function digestsOf(account: AccountSnapshot): string[] {
  return [...account.values()].flatMap(({ messages }) => messages.map(({ sha256 }) => sha256));
}

/** A look at one INBOX for letters that come from now on; others that come meanwhile are none of them. */
export interface LetterWatch {
  /** Resolves when the letter is there; false where it does not come within the time. */
  comes(messageId: string, withinMs: number, signal?: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export async function watchForLetters({ imapPort: port }: Dovecot, reader: LabUser): Promise<LetterWatch> {
  const imap = await RawImap.login({ port, user: reader.name, password: reader.password });
  const { untagged } = await imap.ok('STATUS INBOX (UIDNEXT)');
  const words = untagged.flat(2).map(String);
  const first = Number(words[words.indexOf('UIDNEXT') + 1]);
  await imap.ok('EXAMINE INBOX');
  const isThere = async (messageId: string): Promise<boolean> => {
    const found = await imap.ok(`UID SEARCH UID ${first}:* HEADER Message-ID ${messageId}`);
    return found.untagged.some(([what, uid]) => String(what) === 'SEARCH' && uid !== undefined);
  };
  return {
    comes: async (messageId, withinMs, signal) => {
      const end = performance.now() + withinMs;
      while (!(await isThere(messageId))) {
        signal?.throwIfAborted();
        if (performance.now() > end) return false;
        await new Promise((done) => setTimeout(done, 10));
      }
      return true;
    },
    close: async () => {
      await imap.logout();
    },
  };
}
