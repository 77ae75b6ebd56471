/** `mailferry discover`: looks now which addresses old has. A client of the API. */
import { Command } from 'commander';
import type { DiscoveryAnswer } from '../portal/presenters/discovery.ts';
import { addApiOptions, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { counted } from './format.ts';
import { more } from './help-text.ts';

interface DiscoverOptions extends ApiOptions {
  readonly dryRun?: boolean;
}

/** Of each kind, named to a person. */
const namedAtMost = 20;

export function discoverCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('discover')
      .description('look which addresses old has: new ones become accounts, missing ones are told')
      .option('-n, --dry-run', 'say what would be changed, and change nothing'),
  )
    .addHelpText(
      'after',
      more(`
[old.discovery] of the configuration says where the list comes from. The daemon
looks by itself; this looks at once.

Examples:
  mailferry discover --dry-run
  mailferry discover --json

Exit codes: 0 done; 1 accounts have vanished from the list, or entries of it
were passed over; 2 wrong usage; 3 no API, or the list cannot be read or is not
believed.`),
    )
    .action(async (options: DiscoverOptions) => {
      const client = await apiClient(env, options);
      const answer = await client.post<DiscoveryAnswer>('/discover', { dryRun: options.dryRun ?? false });
      env.stdout.write(
        options.json === true ? `${JSON.stringify({ type: 'discovery', ...answer })}\n` : words(answer),
      );
      done(answer.vanished > 0 || answer.skipped.length > 0 ? exitCode.incomplete : exitCode.ok);
    });
}

function words(answer: DiscoveryAnswer): string {
  const { dryRun, listed, adopted, aliases, missing, vanished, returned, skipped } = answer;
  const would = dryRun ? 'would be ' : '';
  let text = `${counted(listed, 'address', 'addresses')} in the list of old, ${adopted} ${would}adopted.\n`;
  text += named(answer.adoptedAddresses, adopted);
  if (aliases > 0)
    text += `${counted(aliases, 'new alias', 'new aliases')} of known accounts ${would}taken in:\n${named(answer.adoptedAliases, aliases)}`;
  if (missing > 0)
    text += `${counted(missing, 'account')} not in it, for the first time:\n${named(answer.missingAddresses, missing)}`;
  if (vanished > 0)
    text += `${counted(vanished, 'account')} no longer in it; nothing was changed:\n${named(answer.vanishedAddresses, vanished)}`;
  if (returned > 0) text += `${counted(returned, 'account')} in it again.\n`;
  for (const { address, why } of skipped.slice(0, namedAtMost)) text += `Passed over: ${address}: ${why}\n`;
  return text;
}

function named(addresses: readonly string[], all: number): string {
  const first = addresses.slice(0, namedAtMost);
  const rest = all - first.length;
  return `${first.map((one) => `  ${one}\n`).join('')}${rest > 0 ? `  and ${rest} more\n` : ''}`;
}
