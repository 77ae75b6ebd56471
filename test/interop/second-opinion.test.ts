import { createHash } from 'node:crypto';
import { ImapFlow } from 'imapflow';
import { expect, test } from 'vitest';
import { normalFlags, readAccount } from '../judge/imap-raw.ts';
import { dovecotIsInstalled, startDovecot } from '../lab/dovecot.ts';
import { fillWorkload, workloadSpecialUse, workloadUsers } from '../lab/workload.ts';

// The judge reads with a parser that we wrote. Somebody else's client must see the same, or the judge is wrong.
test.skipIf(!dovecotIsInstalled())(
  'the judge sees what another IMAP client sees (needs Dovecot)',
  async () => {
    const [anna] = workloadUsers('demo');
    if (anna === undefined) throw new Error('the demo has no account');
    await using dovecot = await startDovecot({ users: [anna], specialUse: workloadSpecialUse });
    const demo = { mailDir: dovecot.mailDir, mailOwner: dovecot.mailOwner };
    fillWorkload(demo, { name: 'demo', scale: 0.1 });
    const login = { port: dovecot.imapPort, user: anna.name, password: anna.password };
    const judged = await readAccount(login);

    const client = new ImapFlow({
      host: '127.0.0.1',
      port: dovecot.imapPort,
      secure: false,
      doSTARTTLS: false,
      auth: { user: anna.name, pass: anna.password },
      logger: false,
    });
    await client.connect();
    try {
      let messages = 0;
      const listed = await client.list();
      expect(listed.map(({ path }) => path)).toHaveLength(judged.size);
      for (const mailbox of judged.values()) {
        if (!mailbox.selectable) continue;
        const opened = await client.mailboxOpen(decoded(mailbox.name), { readOnly: true });
        expect(Number(opened.uidValidity)).toBe(mailbox.uidValidity);
        expect(opened.uidNext).toBe(mailbox.uidNext);
        const seen = [];
        const items = { uid: true, flags: true, internalDate: true, size: true, source: true } as const;
        for await (const message of opened.exists === 0 ? [] : client.fetch('1:*', items)) {
          seen.push({
            uid: message.uid,
            flags: normalFlags([...(message.flags ?? [])]),
            instant: new Date(message.internalDate ?? 0).getTime(),
            sizeBytes: message.source?.length,
            statedSizeBytes: message.size,
            sha256: createHash('sha256')
              .update(message.source ?? '')
              .digest('hex'),
          });
        }
        expect(seen, mailbox.name).toEqual(
          mailbox.messages.map(({ internalDate, ...rest }) => ({
            ...rest,
            instant: Date.parse(internalDate),
          })),
        );
        messages += seen.length;
      }
      expect(messages).toBeGreaterThan(100);
    } finally {
      client.close();
    }
  },
);

/** imapflow takes names in Unicode. */
function decoded(name: string): string {
  return name.replace(/&([^-]*)-/g, (_, coded: string) =>
    coded === '' ? '&' : Buffer.from(coded.replace(/,/g, '/'), 'base64').swap16().toString('utf16le'),
  );
}
