/** How Dovecot's doveadm is called on a mail host, as operators write it: its words parted by blanks. Pure. */

/** `doveadm`, `sudo -n /usr/bin/doveadm -c /etc/dovecot/dovecot.conf`, or `none`. */
export const doveadmForm = /^[^\s]{1,200}( [^\s]{1,200}){0,20}$/;
export const standardDoveadm = 'doveadm';

/** Where Dovecot is configured where nobody says otherwise; doveadm finds it there by itself. */
const standardDirectory = '/etc/dovecot';

/** Null for `none`. The plain command is told where Dovecot of this host is configured; any other says it itself. */
export function doveadmOf(text: string, configDirectory: string): readonly string[] | null {
  if (text === 'none') return null;
  const elsewhere = text === standardDoveadm && configDirectory !== standardDirectory;
  return elsewhere ? [text, '-c', `${configDirectory}/dovecot.conf`] : text.split(' ');
}

/** What shows all sessions, of one user where given; the words behind the command. */
export const whoArguments = ['-f', 'json', 'who', '-1'] as const;
