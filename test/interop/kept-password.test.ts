/** The hash that is kept for an account on new, as the server there reads it. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { mailboxPasswordHash } from '../../src/portal/login/password-hash.ts';
import { dovecotIsInstalled } from '../lab/dovecot.ts';

test.skipIf(!dovecotIsInstalled())(
  'Dovecot takes the password that was kept, octet by octet, and no other (needs Dovecot)',
  async () => {
    // As some keyboards compose letters.
    const own = 'Grüße und Küsse 27'.normalize('NFD');
    const hash = `{ARGON2ID}${await mailboxPasswordHash(new Secret(own))}`;
    const takes = (password: string) =>
      spawnSync('/usr/bin/doveadm', ['pw', '-t', hash, '-p', password], { encoding: 'utf8' }).status === 0;
    expect([takes(own), takes(own.normalize('NFC'))]).toEqual([true, false]);
  },
);
