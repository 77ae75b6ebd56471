/**
 * How often somebody may try a password. Counted before it is tried, so that many at once are not tried all, and taken
 * back where it was right or nobody could say. In the memory of this process: a restart forgets.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { MailferryError } from '../../base/errors.ts';

const minutes = 60;

export class LockOut {
  /** A person who mistypes needs three; the mailbox's own server may lock after ten. */
  readonly #pair = new RateLimiterMemory({ points: 5, duration: 15 * minutes });
  /** Many people may share an address; a script goes through a list of logins from one. */
  readonly #address = new RateLimiterMemory({ points: 40, duration: 15 * minutes });
  /** From many addresses at once. Higher than what one needs to shut out another from a single address. */
  readonly #login = new RateLimiterMemory({ points: 30, duration: 60 * minutes });

  /** Throws `too-many-attempts` with the time to wait. Gives the function that takes the attempt back. */
  async attempt(login: string, address: string): Promise<() => Promise<void>> {
    const net = networkOf(address);
    const keys = [
      [this.#pair, `${net} ${login}`],
      [this.#address, net],
      [this.#login, login],
    ] as const;
    const taken: (readonly [RateLimiterMemory, string])[] = [];
    const takeBack = async () => {
      for (const [limiter, key] of taken.splice(0)) await limiter.reward(key);
    };
    for (const one of keys) {
      try {
        await one[0].consume(one[1]);
        taken.push(one);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        // Counts only where it was tried: waiting people do not lengthen their own wait.
        await one[0].reward(one[1]);
        await takeBack();
        throw new MailferryError('too-many-attempts', 'too many wrong passwords were given', {
          retryAfterMs: error.msBeforeNext,
        });
      }
    }
    return takeBack;
  }
}

/** One customer's IPv6 network has 2^64 addresses: they count as one. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address.replace(/^::ffff:/, '');
  const [head = '', tail = ''] = address.split('::');
  const parts = head.split(':').filter((part) => part !== '');
  const rest = tail.split(':').filter((part) => part !== '');
  const zeros = address.includes('::')
    ? Array<string>(Math.max(0, 8 - parts.length - rest.length)).fill('0')
    : [];
  return [...parts, ...zeros, ...rest].slice(0, 4).join(':');
}
