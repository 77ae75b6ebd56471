/** Tries out a mail server: line, certificate, greeting, and a login where one is given. Changes nothing there. */
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { ProbeResult, ServerProbe } from '../portal/server-probe.ts';
import { openImapStore } from '../remote/imap/index.ts';
import type { StoreSession } from '../sync/index.ts';

export type TrustedIssuers = Readonly<Partial<Record<'old' | 'new', string | null>>>;

const connectTimeoutMs = 10_000;
const deadlineMs = 20_000;
/** What a server says after the password was read: the line is good. */
const afterLine = [
  'login-refused',
  'account-locked',
  'login-method-missing',
  'too-many-connections',
] as const;

/** `trusted`: certificates in PEM that are good for a side beside the system's, as its `ca_file` holds them. */
export function serverProbe(trusted: TrustedIssuers = {}, clock: Clock = systemClock): ServerProbe {
  return async ({ side, host, port, tls, login }): Promise<ProbeResult> => {
    // Nobody has this login: how it is refused shows that the server answers.
    const user = login?.user ?? `mailferry-probe-${randomBytes(4).toString('hex')}`;
    const password = login?.password ?? new Secret(randomBytes(12).toString('base64url'));
    const store = openImapStore({
      side,
      host,
      port: port ?? (tls === 'implicit' ? 993 : 143),
      security: tls,
      allowPlaintext: tls === 'none',
      trust: { caPem: trusted[side] ?? null, fingerprintsSha256: [] },
      credentials: { kind: 'password', user, authUser: null, password },
      authMechanism: null,
      clock,
      connectTimeoutMs,
      idleTimeoutMs: deadlineMs,
    });
    const deadline = new AbortController();
    const late = setTimeout(() => {
      deadline.abort(new MailferryError('connect-timeout', `${host} did not answer in time`));
    }, deadlineMs);
    let session: StoreSession | null = null;
    try {
      session = await store.openSession(deadline.signal);
      const { product, capabilities, appendLimitBytes } = session.abilities;
      const well = { reached: true, loggedIn: true, code: null, reason: null, action: null };
      return { ...well, product, capabilities: capabilities.slice(0, 200), appendLimitBytes };
    } catch (error) {
      const known = isMailferryError(error) ? error : new MailferryError('internal', 'the probe failed');
      const reached = isMailferryError(known, ...afterLine);
      const nothing = { loggedIn: false, product: null, capabilities: [], appendLimitBytes: null };
      // Without a login the refusal was expected.
      if (reached && login === null) return { ...nothing, reached, code: null, reason: null, action: null };
      return { ...nothing, reached, code: known.code, reason: known.message, action: known.action };
    } finally {
      clearTimeout(late);
      void session?.close();
    }
  };
}
