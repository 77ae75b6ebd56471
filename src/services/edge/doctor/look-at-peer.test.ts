/** The look at a peer's port for mail, against servers that behave in every way that one may. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { lookAtPeer } from './look-at-peer.ts';

let server: Server | null = null;
const open = new Set<Socket>();
afterEach(() => {
  for (const socket of open) socket.destroy();
  open.clear();
  server?.close();
  server = null;
});

/** Gives the lines that it was sent. `replies`: by the first word of what it is sent; '' when somebody comes. */
async function peer(replies: Readonly<Record<string, string>>): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const made = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    if (replies[''] !== undefined) socket.write(replies['']);
    let rest = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        heard.push(line);
        const reply = replies[line.split(/[ :]/, 1)[0] ?? ''];
        if (reply === 'close') socket.destroy();
        else if (reply !== undefined) socket.write(reply);
      }
    });
  });
  server = made;
  await new Promise<void>((resolve) => {
    made.listen(0, '127.0.0.1', resolve);
  });
  return { port: (made.address() as { port: number }).port, heard };
}

const look = (port: number, recipient: string | null = null, signal = new AbortController().signal) =>
  lookAtPeer({ host: '127.0.0.1', port, source: null, helo: 'mailferry-relay.x', recipient, signal });
const good = {
  '': '220-mx\r\n220 ESMTP\r\n',
  EHLO: '250-mx\r\n250-SIZE 10\r\n250 8bitmime\r\n',
  MAIL: '250 2.1.0 Ok\r\n',
  RCPT: '250 2.1.5 Ok\r\n',
};

test('tells what is announced, asks for a recipient, and sends no mail', async () => {
  const { port, heard } = await peer(good);
  expect(await look(port, 'anna@example.org')).toEqual({
    kind: 'greets',
    extensions: ['SIZE 10', '8BITMIME'],
    recipient: { address: 'anna@example.org', reply: '250 2.1.5 Ok' },
  });
  await expect.poll(() => heard).toContain('QUIT');
  expect(heard).toEqual(['EHLO mailferry-relay.x', 'MAIL FROM:<>', 'RCPT TO:<anna@example.org>', 'QUIT']);
});

test('without a recipient nothing is asked beyond EHLO', async () => {
  const { port, heard } = await peer(good);
  expect(await look(port)).toMatchObject({ kind: 'greets', recipient: null });
  await expect.poll(() => heard).toEqual(['EHLO mailferry-relay.x', 'QUIT']);
});

test.each([
  ['a refusal in the greeting', { '': '554 no\r\n' }, { kind: 'refused', said: '554 no' }],
  ['a refusal of EHLO', { ...good, EHLO: '421 busy\r\n' }, { kind: 'refused', said: '421 busy' }],
  [
    'another protocol',
    { '': '* OK IMAP4rev1\r\n' },
    { kind: 'unreachable', said: 'this is no SMTP: * OK IMAP4rev1' },
  ],
  [
    'words without end',
    { '': `220-${'x'.repeat(20_000)}` },
    { kind: 'unreachable', said: 'it says too much' },
  ],
  ['an end in the middle', { ...good, EHLO: 'close' }, { kind: 'unreachable' }],
  ['a sender refused', { ...good, MAIL: '530 STARTTLS\r\n' }, { recipient: { reply: '530 STARTTLS' } }],
  ['a recipient refused', { ...good, RCPT: '450 4.7.1 no\r\n' }, { recipient: { reply: '450 4.7.1 no' } }],
])('%s is told as it is', async (_name, replies, wanted) => {
  const { port } = await peer(replies);
  const seen: unknown = await look(port, 'anna@example.org');
  expect(seen).toMatchObject(wanted);
});

test('nobody there is unreachable', async () => {
  const { port } = await peer(good);
  await new Promise((resolve) => server?.close(resolve));
  expect(await look(port)).toMatchObject({
    kind: 'unreachable',
    said: expect.stringContaining('ECONNREFUSED'),
  });
});

test.each([
  ['nothing', {}],
  ['half a greeting', { '': '220-mx\r\n' }],
  ['no more than a greeting', { '': '220 mx\r\n' }],
])('one that says %s does not answer in time', async (_name, replies) => {
  const { port } = await peer(replies);
  const signal = new AbortController().signal;
  const question = { host: '127.0.0.1', port, source: null, helo: 'x', recipient: null, signal };
  const said = 'it does not answer in time';
  expect(await lookAtPeer({ ...question, deadlineMs: 200 })).toEqual({ kind: 'unreachable', said });
});

test('one that says nothing is left as soon as whoever asks goes away', async () => {
  const { port } = await peer({});
  const over = new AbortController();
  const looking = look(port, null, over.signal);
  setTimeout(() => over.abort(), 50);
  await expect(looking).rejects.toThrow();
});
