import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dovecotIsInstalled } from './dovecot.ts';

/** Starts all three servers, opens a session on each, tells where they are, and dies as hard as one can. */
const program = (lab: string) => `
import { readFileSync, writeFileSync } from 'node:fs';
import { RawImap } from '${join(lab, '../judge/imap-raw.ts')}';
import { startCourier } from '${join(lab, 'courier.ts')}';
import { startCyrus } from '${join(lab, 'cyrus.ts')}';
import { startDovecot } from '${join(lab, 'dovecot.ts')}';
const users = [{ name: 'anna', password: 'x' }];
const cyrus = await startCyrus({ users });
writeFileSync(cyrus.dir + '/pid', readFileSync(cyrus.dir + '/master.pid'));
const servers = [cyrus, await startCourier({ users }), await startDovecot({ users })];
for (const { imapPort } of servers) await RawImap.login({ port: imapPort, user: 'anna', password: 'x' });
console.log(JSON.stringify(servers.map(({ imapPort, dir }) => ({ imapPort, dir }))));
process.kill(process.pid, 'SIGKILL');
`;

test.skipIf(!dovecotIsInstalled())(
  'a server ends with the process that started it, even by SIGKILL (needs Dovecot)',
  async () => {
    const died = spawnSync(
      process.execPath,
      ['--input-type=module-typescript', '-e', program(import.meta.dirname)],
      {
        encoding: 'utf8',
      },
    );
    expect(died.stderr).toBe('');
    expect(died.signal).toBe('SIGKILL');
    const servers = JSON.parse(died.stdout) as { imapPort: number; dir: string }[];
    for (const { imapPort, dir } of servers) {
      // Cyrus's imapd holds the port for some seconds more, until it sees that nobody comes; its master is what counts.
      const pid = existsSync(join(dir, 'pid')) ? readFileSync(join(dir, 'pid'), 'utf8').trim() : null;
      const gone = () => (pid === null ? refuses(imapPort) : !existsSync(`/proc/${pid}/exe`));
      await expect.poll(gone, { timeout: 20_000 }).toBe(true);
      rmSync(dir, { recursive: true, force: true });
    }
  },
);

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
