/** What Dovecot asks the replica at each login and for each mail: each question goes by an index, however many accounts there are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { dovecotProxyFiles, standardPorts } from '../../src/access/index.ts';
import { type DovecotFile, dovecotFiles, dovecotUserFiles } from '../../src/app-passwords/index.ts';
import { Replica } from '../../src/state/replica/replica.ts';

const site = { version: '2.3', replica: '/r', configDirectory: '/etc/dovecot' } as const;
const target = { host: 'new.example.org', ports: standardPorts, tls: 'verify', caFile: null } as const;

/** As Dovecot fills them in. */
function queriesOf(files: readonly DovecotFile[]): string[] {
  return files.flatMap(({ text }) =>
    [...text.matchAll(/^(?:password|user)_query = (.*)$/gm)].map(([, query = '']) =>
      query
        .replaceAll('%Ls', 'imap')
        .replaceAll('%u', 'anna@example.org')
        .replaceAll('%w', 'id.secret')
        .replaceAll('%%', '%'),
    ),
  );
}

test.each([
  ['old', () => [...dovecotFiles(site), ...dovecotProxyFiles(site, target, ['imap'])], 2],
  ['new', () => [...dovecotFiles(site), ...dovecotUserFiles(site, 'uid=vmail home=/var/vmail/%u')], 3],
] as const)('on %s', (side, files, count) => {
  const dir = mkdtempSync(join(tmpdir(), 'mf-queries-'));
  const file = join(dir, 'replica');
  const replica = Replica.open(file, side);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const queries = queriesOf(files());
    expect(queries).toHaveLength(count);
    for (const query of queries) {
      const plan = database.prepare(`explain query plan ${query}`).all();
      const details = plan.map(({ detail }) => String(detail));
      expect(details.filter((one) => one.startsWith('SEARCH ')).length).toBeGreaterThan(0);
      expect(details.filter((one) => /^SCAN (account|address|app_password|user)\b/.test(one))).toEqual([]);
    }
  } finally {
    database.close();
    replica.close();
    rmSync(dir, { recursive: true });
  }
});
