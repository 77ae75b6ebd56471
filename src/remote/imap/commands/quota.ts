/** GETQUOTAROOT on INBOX (RFC 9208 §4.1.3): how much room the account has. */
import type { QuotaResource } from '../../../sync/mail-store.ts';
import type { CommandContext } from './context.ts';

export async function quota(context: CommandContext): Promise<readonly QuotaResource[]> {
  if (!context.abilities.quota) return [];
  const found: QuotaResource[] = [];
  await context.pipe.run('GETQUOTAROOT', [' "INBOX"'], {
    untagged: (response) => {
      if (response.kind === 'quotaroot') return true;
      if (response.kind !== 'quota') return false;
      for (const { name, usage, limit } of response.resources) {
        // STORAGE counts units of 1024 octets (RFC 9208 §5.1).
        const unit = name.toUpperCase() === 'STORAGE' ? 1024 : 1;
        found.push({
          root: response.root,
          name: name.toUpperCase(),
          usage: usage * unit,
          limit: limit * unit,
        });
      }
      return true;
    },
  });
  return found;
}
