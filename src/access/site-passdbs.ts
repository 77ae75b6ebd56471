/** The password databases that a Dovecot asks, as `doveconf -n` shows them in their order. Pure. */

export interface SitePassdb {
  readonly driver: string;
  /** Of 2.3; null where there are none, and with 2.4, which names each block. */
  readonly args: string | null;
  readonly name: string | null;
  readonly isMaster: boolean;
  readonly resultSuccess: string;
}

export function passdbsOf(doveconf: string): SitePassdb[] {
  return [...doveconf.matchAll(/^passdb(?: (\S+))? \{\n([\s\S]*?)^\}/gm)].map(
    ([, name = null, body = '']) => {
      const setting = (key: string) => new RegExp(`^ +${key} = (.*)$`, 'm').exec(body)?.[1]?.trim() ?? null;
      return {
        driver: setting('driver') ?? name ?? '',
        args: setting('args'),
        name,
        isMaster: setting('master') === 'yes',
        resultSuccess: setting('result_success') ?? 'return-ok',
      };
    },
  );
}

/**
 * Those that keep a login for themselves which they find good: behind them no row is asked for where the account lives, and people who
 * have moved would go on working on old. `deny` databases find nobody good; master users are no people.
 */
export function keepingLogins(passdbs: readonly SitePassdb[]): SitePassdb[] {
  return passdbs.filter(
    ({ isMaster, resultSuccess, args, name }) =>
      !isMaster &&
      !['continue', 'continue-ok', 'continue-fail'].includes(resultSuccess) &&
      !(args ?? name ?? '').includes('mailferry-'),
  );
}
