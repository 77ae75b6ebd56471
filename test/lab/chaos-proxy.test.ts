import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { RawImap, readAccount } from '../judge/imap-raw.ts';
import { type ChaosRule, startChaosProxy } from './chaos-proxy.ts';
import { dovecotIsInstalled, startDovecot } from './dovecot.ts';

/** A server that sends back what it gets, and what a client of it received until the end. */
async function echoed(rules: readonly ChaosRule[], chunks: readonly string[], waitMs = 50) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await using proxy = await startChaosProxy({
    target: { port: (server.address() as { port: number }).port },
    rules,
  });
  const socket = connect(proxy.port, '127.0.0.1');
  let received = '';
  let end = 'open';
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
  });
  socket.on('end', () => {
    end = 'fin';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code ?? '';
  });
  for (const chunk of chunks) {
    if (!socket.writable) break;
    socket.write(chunk);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  const result = { received, end, fired: proxy.connections[0]?.fired };
  socket.destroy();
  server.close();
  return result;
}

test('passes everything on when no rule applies', async () => {
  const rule: ChaosRule = {
    connection: 2,
    when: { direction: 'to-client', afterBytes: 1 },
    action: { kind: 'cut' },
  };
  expect(await echoed([rule], ['abc', 'def'])).toEqual({ received: 'abcdef', end: 'open', fired: [] });
});

test('cuts after exactly so many bytes', async () => {
  const rule: ChaosRule = { when: { direction: 'to-client', afterBytes: 4 }, action: { kind: 'cut' } };
  expect(await echoed([rule], ['abc', 'def'])).toEqual({ received: 'abcd', end: 'fin', fired: ['cut'] });
});

test('cuts before a pattern that comes in pieces', async () => {
  const rule: ChaosRule = { when: { direction: 'to-client', seen: ' OK [X' }, action: { kind: 'cut' } };
  const result = await echoed([rule], ['a OK no', 'b O', 'K [', 'X] more']);
  expect(result).toEqual({ received: 'a OK nob', end: 'fin', fired: ['cut'] });
});

test('cuts after the second occurrence when told to let it pass', async () => {
  const when = { direction: 'to-client', seen: 'xx', occurrence: 2, pass: true } as const;
  const result = await echoed([{ when, action: { kind: 'cut' } }], ['1xx2', 'xx3']);
  expect(result.received).toBe('1xx2xx');
});

test('resets', async () => {
  const rule: ChaosRule = { when: { direction: 'to-server', afterBytes: 2 }, action: { kind: 'reset' } };
  expect(await echoed([rule], ['abc'])).toMatchObject({ end: 'ECONNRESET', fired: ['reset'] });
});

test('stalls for a while and goes on', async () => {
  const rule: ChaosRule = {
    when: { direction: 'to-client', afterBytes: 2 },
    action: { kind: 'stall', ms: 100 },
  };
  expect(await echoed([rule], ['abcd'], 30)).toMatchObject({ received: 'ab', end: 'open' });
  expect(await echoed([rule], ['abcd'], 200)).toMatchObject({ received: 'abcd', end: 'open' });
});

test('drips', async () => {
  const rule: ChaosRule = {
    when: { direction: 'to-client', afterBytes: 1 },
    action: { kind: 'drip', bytesPerSecond: 100 },
  };
  const { received } = await echoed([rule], ['x'.repeat(100)], 200);
  expect(received.length).toBeGreaterThan(5);
  expect(received.length).toBeLessThan(60);
});

test.skipIf(!dovecotIsInstalled())(
  'a cut before the tagged OK leaves the message stored and the client in doubt (needs Dovecot)',
  async () => {
    const anna = { name: 'anna@example.org', password: 'geheim' };
    await using dovecot = await startDovecot({ users: [anna] });
    const rule: ChaosRule = {
      when: { direction: 'to-client', seen: ' OK [APPENDUID' },
      action: { kind: 'cut' },
    };
    await using proxy = await startChaosProxy({ target: { port: dovecot.imapPort }, rules: [rule] });
    const login = { user: anna.name, password: anna.password };
    const client = await RawImap.login({ ...login, port: proxy.port });
    await expect(client.append('INBOX', 'Subject: A1 LOGOUT\r\n\r\nA2 EXPUNGE\r\n')).rejects.toThrow(
      /closed/,
    );
    const account = await readAccount({ ...login, port: dovecot.imapPort });
    expect(account.get('INBOX')?.messages).toHaveLength(1);
    expect(proxy.connections[0]?.commands).toEqual([
      'LOGIN "anna@example.org" "geheim"',
      'APPEND "INBOX" {34}',
    ]);
  },
);
