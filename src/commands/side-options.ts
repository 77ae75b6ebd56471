/** One side's options out of those of a command with two. */
import type { SideOptions } from './credentials.ts';
import type { PairOptions } from './options.ts';

export function sideOptions(options: PairOptions, direction: 'from' | 'to'): SideOptions {
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
