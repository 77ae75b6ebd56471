import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { dovecotIsInstalled, startDovecot } from '../lab/dovecot.ts';
import { labCaPem } from '../lab/certificates.ts';
import { RawImap, readAccount } from './imap-raw.ts';

const anna = { name: 'anna@example.org', password: 'p"w\\x' };

test.skipIf(!dovecotIsInstalled())(
  'reads back from Dovecot what users did there (needs Dovecot)',
  async () => {
    await using dovecot = await startDovecot({ users: [anna] });
    const login = { port: dovecot.imapPort, user: anna.name, password: anna.password };
    const client = await RawImap.login(login);
    const date = '17-Jul-1996 02:44:25 -0700';
    const body = 'Subject: eins\r\n\r\nHallo (Welt) {3}\r\n';
    const uid = await client.append('INBOX', body, {
      flags: ['\\Seen', '$Forwarded'],
      date,
    });
    await client.create('Entw&APw-rfe');
    await client.subscribe('Entw&APw-rfe');
    const second = await client.append('Entw&APw-rfe', 'Subject: zwei\r\n\r\n');
    await client.store('Entw&APw-rfe', [second as number], '+', ['\\Flagged']);
    await client.create('Weg');
    await client.append('Weg', 'Subject: drei\r\n\r\n');
    await client.move('Weg', [1], 'INBOX');
    await client.rename('Weg', 'Fort "\\');
    await client.logout();

    const account = await readAccount({ ...login, port: dovecot.imapsPort, tls: { ca: labCaPem() } });
    expect([...account.keys()].sort()).toEqual(['Entw&APw-rfe', 'Fort "\\', 'INBOX']);
    const inbox = account.get('INBOX');
    expect(inbox?.messages).toHaveLength(2);
    expect(inbox?.messages[0]).toEqual({
      uid,
      flags: ['$Forwarded', '\\seen'],
      // Maildir keeps the instant only; Dovecot shows it in the zone of its own machine.
      internalDate: expect.any(String),
      sizeBytes: 35,
      statedSizeBytes: 35,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    expect(account.get('Entw&APw-rfe')).toMatchObject({
      subscribed: true,
      messages: [{ flags: ['\\flagged'] }],
    });
  },
);

test('keeps bodies apart from what is written around them', async () => {
  const body = 'a)\r\nJ2 OK {5}\r\n';
  const server = createServer((socket) => {
    socket.write('* OK hi\r\n');
    socket.once('data', () => {
      // One byte at a time: no boundary may matter.
      const answer = `* 1 FETCH (UID 7 BODY[] {${body.length}}\r\n${body} FLAGS (\\Seen))\r\nJ1 OK done\r\n`;
      for (const character of answer) socket.write(character);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as { port: number }).port;
  const client = await RawImap.connect({ port, user: '', password: '' });
  const reply = await client.command(['UID FETCH 7 BODY.PEEK[]']);
  expect(reply.untagged).toEqual([
    ['1', 'FETCH', ['UID', '7', 'BODY[]', Buffer.from(body), 'FLAGS', ['\\Seen']]],
  ]);
  client.destroy();
  server.close();
});
