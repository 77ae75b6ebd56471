/**
 * What Dovecot on new is told so that people who come through old keep their own address there: in its log, for limits by address, for
 * whoever shuts addresses out. Pure.
 */
import type { DovecotFile, DovecotSite } from '../app-passwords/index.ts';

/** Behind the site's own, to which it adds. */
const snippet = 'conf.d/99-mailferry-proxies.conf';

/** `nets`: where the proxies of old come from, as addresses or networks; they may then say whose connection they bring. */
export function dovecotTrustFiles({ version }: DovecotSite, nets: readonly string[]): DovecotFile[] {
  const head =
    '# Written by mailferry config dovecot --side new --trust; --undo takes it away.\n' +
    '# From here come people whose Dovecot on old brings them; it says from which address each of them came.\n';
  const setting =
    version === '2.4'
      ? `login_trusted_networks {\n${nets.map((net) => `  ${net} = yes\n`).join('')}}\n`
      : `login_trusted_networks = $login_trusted_networks ${nets.join(' ')}\n`;
  return [{ name: snippet, text: head + setting, mode: 0o644 }];
}
