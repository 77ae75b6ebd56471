/** What Mailferry's demo, tests and benchmarks need of Debian 12, by purpose. Plain JavaScript: it runs before npm ci. */

export const debianPackages = {
  demo: ['dovecot-imapd', 'dovecot-lmtpd', 'openssl', 'postfix', 'postfix-lmdb'],
  // gdb writes the memory of a daemon that a test looks for passwords in.
  test: [
    'chromium',
    'dovecot-imapd',
    'dovecot-lmtpd',
    'dovecot-managesieved',
    'dovecot-pop3d',
    'dovecot-sqlite',
    'dovecot-submissiond',
    'gdb',
    'isync',
    'openssl',
    'postfix',
    'postfix-lmdb',
    'postfix-pgsql',
    'postgresql',
  ],
  bench: [
    'dovecot-imapd',
    'dovecot-lmtpd',
    'isync',
    'openssl',
    'postfix',
    'postfix-lmdb',
    'postgresql',
    'time',
  ],
};

/**
 * Servers that Debian lets nobody install beside dovecot-imapd ("Conflicts: imap-server"). They are downloaded and
 * unpacked into the lab's cache, with the libraries they need and the machine lacks, and run from there.
 * `libraries` asks apt for the closure; of it only lib* packages are taken: no mail transport, no Perl, no virus scanner.
 */
export const unpackedServers = {
  cyrus: { packages: ['cyrus-imapd', 'cyrus-common'], withoutLibraries: /^lib(clamav|.*-perl$)/ },
  courier: {
    packages: ['courier-imap', 'courier-base', 'courier-authlib', 'gamin'],
    withoutLibraries: /-perl$/,
  },
};
