/** How Dovecot's doveadm is called on a mail host, as operators write it: its words parted by blanks. Pure. */

/** `doveadm`, `sudo -n /usr/bin/doveadm -c /etc/dovecot/dovecot.conf`, or `none`. */
export const doveadmForm = /^[^\s]{1,200}( [^\s]{1,200}){0,20}$/;
export const standardDoveadm = 'doveadm';

/** Null for `none`. */
export function doveadmOf(text: string): readonly string[] | null {
  return text === 'none' ? null : text.split(' ');
}
