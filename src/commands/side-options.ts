/** The two accounts of a command with two sides. */
import type { AccountAccess, CommandEnv } from './command-env.ts';
import { accountAccess, type SideOptions } from './credentials.ts';
import type { PairOptions } from './options.ts';

/** Both accounts, old first: that is also the order of the prompts. */
export async function pairAccess(
  env: CommandEnv,
  options: PairOptions,
): Promise<{ readonly from: AccountAccess; readonly to: AccountAccess }> {
  const from = await accountAccess(env, sideOptions(options, 'from'));
  const to = await accountAccess(env, sideOptions(options, 'to'));
  return { from, to };
}

function sideOptions(options: PairOptions, direction: 'from' | 'to'): SideOptions {
  const from = direction === 'from';
  return {
    what: `--${direction}`,
    optionPrefix: `--${direction}-`,
    url: from ? options.from : options.to,
    passwordFile: from ? options.fromPasswordFile : options.toPasswordFile,
    tokenFile: from ? options.fromTokenFile : options.toTokenFile,
    authUser: from ? options.fromAuthUser : options.toAuthUser,
    passwordVariable: from ? 'MAILFERRY_FROM_PASSWORD' : 'MAILFERRY_TO_PASSWORD',
    allowPlaintext: options.allowPlaintext === true,
    caFile: options.caFile,
    tlsFingerprint: options.tlsFingerprint ?? [],
  };
}
