/** People's programs at a server: each logs in by the means that Python's own library has for it, and says what it met. */
import { execFile } from 'node:child_process';

export const loginServices = ['imap', 'pop3', 'submission', 'sieve'] as const;
export type LoginService = (typeof loginServices)[number];

export interface LoginTry {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Of this machine, to come from. */
  readonly from?: string;
}

/**
 * imaplib, poplib and smtplib; for ManageSieve, which Python has nothing for, a dialogue as RFC 5804 §2.1 has it. Prints `in` and the subject
 * of the first message where there are messages, or what the server answered.
 */
const program = `
import sys, socket, imaplib, poplib, smtplib, base64
service, port, user, password, source = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
def text(error):
    parts = [p.decode('utf-8', 'replace') if isinstance(p, bytes) else str(p) for p in error.args]
    return ' '.join(parts)
try:
    if service == 'imap':
        class From(imaplib.IMAP4):
            def _create_socket(self, timeout=None):
                return socket.create_connection((self.host, self.port), timeout, (source, 0))
        box = From('127.0.0.1', port); box.login(user, password); box.select('INBOX', readonly=True)
        kind, data = box.fetch('1', '(BODY.PEEK[HEADER.FIELDS (SUBJECT)])')
        print('in', data[0][1].decode().strip()); box.logout()
    elif service == 'pop3':
        class From(poplib.POP3):
            def _create_socket(self, timeout):
                return socket.create_connection((self.host, self.port), timeout, (source, 0))
        box = From('127.0.0.1', port); box.user(user); box.pass_(password)
        lines = box.top(1, 0)[1]; print('in', [l.decode() for l in lines if l.startswith(b'Subject')][0]); box.quit()
    elif service == 'submission':
        box = smtplib.SMTP('127.0.0.1', port, source_address=(source, 0)); box.login(user, password); print('in'); box.quit()
    else:
        s = socket.create_connection(('127.0.0.1', port), 20, (source, 0)); f = s.makefile('rwb')
        while not f.readline().startswith(b'OK'): pass
        ir = base64.b64encode(b'\\0' + user.encode() + b'\\0' + password.encode()).decode()
        f.write(('AUTHENTICATE "PLAIN" "%s"\\r\\n' % ir).encode()); f.flush()
        line = f.readline().decode().strip(); print('in' if line.startswith('OK') else line)
except Exception as error:
    print(text(error))
`;

export function logIn(
  service: LoginService,
  { port, user, password, from = '127.0.0.1' }: LoginTry,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ['-c', program, service, String(port), user, password, from];
    execFile('python3', args, { timeout: 60_000 }, (error, stdout) => {
      if (error === null) resolve(stdout.trim());
      else reject(error);
    });
  });
}
