/** Tries out a mail server: line, certificate, greeting, and a login where one is given. Changes nothing there. */
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../base/clock.ts';
import { isMailferryError, MailferryError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { ProbeResult, ServerProbe } from '../portal/server-probe.ts';
import { systemTrust, type TlsTrust } from '../net/tls-trust.ts';
import { openImapStore } from '../remote/imap/index.ts';
import { lookAtCertificate } from './look-at-certificate.ts';
import type { StoreSession } from '../sync/index.ts';

export type TrustOfSides = Readonly<Partial<Record<'old' | 'new', TlsTrust>>>;

const connectTimeoutMs = 10_000;
const deadlineMs = 20_000;
const certificateTimeoutMs = 5_000;
/** What a server says after the password was read: the line is good. */
const afterLine = [
  'login-refused',
  'account-locked',
  'login-method-missing',
  'too-many-connections',
] as const;

const aboutCertificate = ['certificate-invalid', 'pin-mismatch'] as const;

/** `trusted`: as the sync trusts each side, by its `ca_file` or its `tls_fingerprints`. */
export function serverProbe(trusted: TrustOfSides = {}, clock: Clock = systemClock): ServerProbe {
  return async ({ side, host, port, tls, login }): Promise<ProbeResult> => {
    // Nobody has this login: how it is refused shows that the server answers.
    const user = login?.user ?? `mailferry-probe-${randomBytes(4).toString('hex')}`;
    const password = login?.password ?? new Secret(randomBytes(12).toString('base64url'));
    const trust = trusted[side] ?? systemTrust;
    const usedPort = port ?? (tls === 'implicit' ? 993 : 143);
    const store = openImapStore({
      side,
      host,
      port: usedPort,
      security: tls,
      allowPlaintext: tls === 'none',
      trust,
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
    // After the login, which comes first in a server's count of connections; on one of its own.
    const certificate = () =>
      tls === 'none'
        ? null
        : lookAtCertificate({
            host,
            port: usedPort,
            security: tls,
            trust,
            signal: AbortSignal.timeout(certificateTimeoutMs),
          });
    let session: StoreSession | null = null;
    try {
      session = await store.openSession(deadline.signal);
      const { product, capabilities, appendLimitBytes } = session.abilities;
      const well = { reached: true, loggedIn: true, code: null, reason: null, action: null };
      const can = { product, capabilities: capabilities.slice(0, 200), appendLimitBytes };
      return { ...well, ...can, certificate: await certificate() };
    } catch (error) {
      const known = isMailferryError(error) ? error : new MailferryError('internal', 'the probe failed');
      const reached = isMailferryError(known, ...afterLine);
      const seen = reached || isMailferryError(known, ...aboutCertificate) ? await certificate() : null;
      const none = { product: null, capabilities: [], appendLimitBytes: null };
      const nothing = { loggedIn: false, ...none, certificate: seen };
      // Without a login the refusal was expected.
      if (reached && login === null) return { ...nothing, reached, code: null, reason: null, action: null };
      return { ...nothing, reached, code: known.code, reason: known.message, action: known.action };
    } finally {
      clearTimeout(late);
      void session?.close();
    }
  };
}
