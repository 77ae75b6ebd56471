/**
 * An IMAP server for thousands of accounts in which nothing happens: real sockets, the same few mailboxes for everybody.
 * Both sides of a benchmark run on it as processes of their own.
 *
 *   node test/bench/idle-server.ts PORT MAILBOXES MESSAGES
 *
 * Prints "ready". It answers what Mailferry asks of an account with nothing to do; everything else is BAD.
 */
import { createServer, type Socket } from 'node:net';

const [port = '0', mailboxes = '8', messages = '0'] = process.argv.slice(2);
const side = Number(port) % 2;
const names = ['INBOX', ...Array.from({ length: Number(mailboxes) - 1 }, (_, i) => `Box${i + 1}`)];
const each = Math.floor(Number(messages) / names.length);
const capabilities =
  'IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN IDLE NOTIFY CONDSTORE QRESYNC ENABLE UIDPLUS MULTIAPPEND NAMESPACE LIST-EXTENDED LIST-STATUS SPECIAL-USE ID UNSELECT MOVE';

const validity = (name: string) => 1000 + names.indexOf(name) * 2 + side;
const statusOf = (name: string) =>
  `* STATUS ${name} (MESSAGES ${each} UIDNEXT ${each + 1} UIDVALIDITY ${validity(name)} HIGHESTMODSEQ 1)\r\n`;

function answer(line: string): string {
  const [tag = '', verb = '', ...rest] = line.split(' ');
  const ok = `${tag} OK done\r\n`;
  const name = rest[0]?.replaceAll('"', '') ?? '';
  switch (verb.toUpperCase()) {
    case 'CAPABILITY':
      return `* CAPABILITY ${capabilities}\r\n${ok}`;
    case 'NAMESPACE':
      return `* NAMESPACE (("" "/")) NIL NIL\r\n${ok}`;
    case 'LIST':
    case 'LSUB': {
      const lists = names.map(
        (one) => `* ${verb.toUpperCase()} (\\Subscribed \\HasNoChildren) "/" ${one}\r\n`,
      );
      const status = /STATUS/i.test(line) ? names.map(statusOf) : [];
      return `${lists.join('')}${status.join('')}${ok}`;
    }
    case 'STATUS':
      return `${statusOf(name)}${ok}`;
    case 'SELECT':
    case 'EXAMINE':
      return (
        `* ${each} EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n* OK [UIDVALIDITY ${validity(name)}] x\r\n` +
        `* OK [UIDNEXT ${each + 1}] x\r\n* OK [HIGHESTMODSEQ 1] x\r\n${ok}`
      );
    case 'NOTIFY':
      return `${rest[0] === 'SET' ? names.map(statusOf).join('') : ''}${ok}`;
    case 'LOGOUT':
      return `* BYE\r\n${ok}`;
    case 'ENABLE':
      return `* ENABLED ${rest.join(' ')}\r\n${ok}`;
    case 'ID':
      return `* ID NIL\r\n${ok}`;
    case 'LOGIN':
    case 'AUTHENTICATE':
    case 'NOOP':
    case 'UNSELECT':
    case 'SUBSCRIBE':
    case 'UID':
      return ok;
    default:
      return `${tag} BAD unknown\r\n`;
  }
}

function serve(socket: Socket): void {
  let text = '';
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.write(`* OK [CAPABILITY ${capabilities}] idle\r\n`);
  socket.on('data', (more) => {
    text += more.toString('latin1');
    for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      socket.write(answer(line));
      if (/^\S+ LOGOUT/i.test(line)) socket.end();
    }
  });
}

createServer({ pauseOnConnect: false }, serve).listen(
  { port: Number(port), host: '127.0.0.1', backlog: 4096 },
  () => process.stdout.write('ready\n'),
);
