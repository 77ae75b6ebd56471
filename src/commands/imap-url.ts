/** IMAP URLs of an account (RFC 5092 §11): imap[s]://user[;AUTH=mechanism]@host[:port][/]. Pure. */
import { MailferryError } from '../base/errors.ts';

export interface ImapUrl {
  readonly security: 'implicit' | 'starttls';
  readonly user: string;
  /** From `;AUTH=`; null for none or `*`. */
  readonly mechanism: 'PLAIN' | 'LOGIN' | 'XOAUTH2' | 'OAUTHBEARER' | null;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

const mechanisms = ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'] as const;

/** `what` names the argument in the error ("--from"). */
export function parseImapUrl(text: string, what: string): ImapUrl {
  const bad = (why: string) => new MailferryError('url-invalid', `${what}: ${why}`);
  const scheme = /^(imaps?):\/\//i.exec(text);
  if (scheme === null) throw bad('the address begins with imap:// or imaps://');
  const secure = scheme[1]?.toLowerCase() === 'imaps';
  const rest = text.slice(scheme[0].length);
  const slash = rest.search(/[/?#]/);
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  if (slash !== -1 && rest.slice(slash) !== '/') {
    const hint = what.startsWith('--') ? 'mailboxes are chosen with --mailbox' : 'all mailboxes are listed';
    throw bad(`nothing follows the host: ${hint}`);
  }
  const at = authority.lastIndexOf('@');
  if (at === -1) throw bad('the user name is missing: imaps://user%40example.org@host');
  if (authority.slice(0, at).includes('@')) throw bad('write the @ of the user name as %40');
  const { user, mechanism } = userInfo(authority.slice(0, at), bad);
  return {
    security: secure ? 'implicit' : 'starttls',
    user,
    mechanism,
    ...hostPort(authority.slice(at + 1), secure, bad),
  };
}

/** Whether the connection never leaves this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
  );
}

function userInfo(text: string, bad: (why: string) => MailferryError): Pick<ImapUrl, 'user' | 'mechanism'> {
  const [name = '', ...parameters] = text.split(';');
  if (name.includes(':')) {
    throw bad(
      'a password does not belong in the address (others can see it): use a file, the environment or the prompt',
    );
  }
  let mechanism: ImapUrl['mechanism'] = null;
  for (const parameter of parameters) {
    const value = /^auth=(.+)$/i.exec(parameter)?.[1];
    if (value === undefined) throw bad(`unknown part ";${parameter}" behind the user name`);
    if (value === '*') continue;
    const known = mechanisms.find((m) => m === value.toUpperCase());
    if (known === undefined) throw bad(`;AUTH=${value} is not known: ${mechanisms.join(', ')} or *`);
    mechanism = known;
  }
  const user = decoded(name, bad);
  if (user === '') throw bad('the user name is empty');
  if (/[\u0000-\u001f\u007f]/.test(user)) throw bad('the user name holds control characters');
  return { user, mechanism };
}

function decoded(text: string, bad: (why: string) => MailferryError): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('a % in the user name is not followed by two hexadecimal digits of UTF-8');
  }
}

function hostPort(
  text: string,
  secure: boolean,
  bad: (why: string) => MailferryError,
): Pick<ImapUrl, 'host' | 'port'> {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined) throw bad(`"${text}" is no host, or no port follows its colon`);
  const port = match[3] === undefined ? (secure ? 993 : 143) : Number(match[3]);
  if (port < 1 || port > 65_535) throw bad(`port ${match[3]} does not exist`);
  return { host, port };
}
