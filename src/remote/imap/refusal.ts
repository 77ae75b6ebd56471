/**
 * Reads why a server said no: response code first (RFC 9051 §7.1, RFC 5530, RFC 9208, RFC 7889), then the words that
 * servers without codes are known to use. Pure; what it says decides who tries again and when.
 */
import { type ErrorCode, MailferryError } from '../../base/errors.ts';
import type { Credentials, Refusal } from '../../sync/mail-store.ts';
import type { ResponseCode } from '../../wire/imap/response.ts';

/** Server text for people: control characters out, at most 500 characters. */
export function cleanText(text: string): string {
  return text.replace(controlCharacters, ' ').trim().slice(0, 500);
}

const controlCharacters = /[\u0000-\u001f\u007f-\u009f]+/g;

const byCode: Readonly<Record<string, Refusal['class']>> = {
  TRYCREATE: 'try-create',
  OVERQUOTA: 'over-quota',
  TOOBIG: 'too-large',
  BADCHARSET: 'content',
  'UNKNOWN-CTE': 'nul',
  NOPERM: 'no-permission',
  CANNOT: 'content',
  ALREADYEXISTS: 'exists',
  NONEXISTENT: 'nonexistent',
  UNAVAILABLE: 'temporary',
  INUSE: 'temporary',
  SERVERBUG: 'temporary',
  CONTACTADMIN: 'no-permission',
  THROTTLED: 'temporary',
  LIMIT: 'temporary',
};

const byText: readonly (readonly [RegExp, Refusal['class']])[] = [
  [/try ?create/i, 'try-create'],
  [/quota/i, 'over-quota'],
  // Before "too long": Dovecot says so of a keyword.
  [/keyword|flag/i, 'bad-flags'],
  [
    /too (large|big|long)|maximum (message )?size|size of appendable|exceeds? .*size|message size/i,
    'too-large',
  ],
  [/already exists|mailbox exists/i, 'exists'],
  [/does ?n[o']t exist|no such mailbox|unknown mailbox|nonexistent|not found/i, 'nonexistent'],
  [/\bNUL\b|null (byte|character)|\\0/i, 'nul'],
  [/date/i, 'bad-date'],
  [/virus|malware|infected|spam|invalid header|8.?bit|bare (lf|newline)|rejected|content/i, 'content'],
  [/permission|denied|acl|read-?only/i, 'no-permission'],
  [/try again|temporar|unavailable|timed? ?out|in use|locked|busy|internal error/i, 'temporary'],
];

/** Classifies a tagged NO or BAD. */
export function refusal(code: ResponseCode | null, text: string): Refusal {
  if (isThrottling(code, text)) {
    const retryAfterMs = suggestedWaitMs(text);
    return { class: 'temporary', code: 'THROTTLED', text: cleanText(text), retryAfterMs };
  }
  const name = code?.name ?? null;
  const known = name === null ? undefined : byCode[name];
  const told = byText.find(([pattern]) => pattern.test(text))?.[1];
  // Dovecot 2.3 refuses a message above quota_max_mail_size with [LIMIT]: waiting does not make the message smaller.
  const toldBetter =
    (name === 'LIMIT' && told === 'too-large') ||
    // [CANNOT] Keyword length too long: the message can go without it.
    ((name === 'LIMIT' || name === 'CANNOT') && told === 'bad-flags');
  const kind = toldBetter ? told : (known ?? told ?? 'other');
  return { class: kind, code: name, text: cleanText(text) };
}

/** "Suggested Backoff Time: 299961 milliseconds" (Exchange), "try again in 30 seconds"; capped at one hour. */
export function suggestedWaitMs(text: string): number | undefined {
  const match = /(\d{1,9})\s*(milliseconds?|ms|seconds?|s|minutes?|min)\b/i.exec(text);
  if (match === null) return undefined;
  const unit = (match[2] ?? '').toLowerCase();
  const factor = unit.startsWith('mi') && !unit.startsWith('mil') ? 60_000 : unit.startsWith('s') ? 1000 : 1;
  return Math.min(Number(match[1]) * factor, 3_600_000);
}

function isThrottling(code: ResponseCode | null, text: string): boolean {
  return code?.name === 'THROTTLED' || /throttl|suggested backoff/i.test(text);
}

/** An answer that asks us to slow down (F-83): neither the command nor the mailbox is at fault. Null for all others. */
export function throttling(
  code: ResponseCode | null,
  text: string,
  side: 'old' | 'new',
): MailferryError | null {
  if (!isThrottling(code, text)) return null;
  const words = cleanText(text);
  return new MailferryError('throttled', `the ${side} server slows us down: ${words}`, {
    side,
    serverText: words,
    retryAfterMs: suggestedWaitMs(text),
  });
}

/** Dovecot: "Maximum number of connections from user+IP exceeded"; Gmail: "Too many simultaneous connections." */
const tooManyConnections =
  /too many (\w+ )?(connections|sessions)|maximum number of (\w+ )?connections|connection limit/i;

/** An untagged BYE (also in place of the greeting) as an error: what it spoils depends on its words. */
export function byeError(code: ResponseCode | null, text: string, side: 'old' | 'new'): MailferryError {
  const words = cleanText(text);
  let kind: ErrorCode = 'connection-lost';
  if (tooManyConnections.test(text)) kind = 'too-many-connections';
  else if (/throttl|rate|suggested backoff/i.test(text) || code?.name === 'THROTTLED') kind = 'throttled';
  else if (/block|banned|denied|not allowed|refused/i.test(text)) kind = 'server-blocked';
  else if (code?.name === 'UNAVAILABLE' || /shutting down|maintenance|unavailable/i.test(text))
    kind = 'server-unavailable';
  return new MailferryError(kind, `the server ended the connection: ${words}`, {
    side,
    serverText: words,
    retryAfterMs: suggestedWaitMs(text),
  });
}

/**
 * Why a login was refused, beyond a wrong password: codes first, then the words of servers without codes. Lock-outs
 * after wrong passwords end by themselves and are called temporary, or have a time; "disabled" and "suspended" are what
 * a provider did to the account, also where it says "temporarily": they end when somebody ends them.
 */
function loginTrouble(name: string, text: string): 'later' | 'slower' | 'shut' | null {
  if (name === 'UNAVAILABLE' || name === 'INUSE') return 'later';
  if (name === 'LIMIT' || name === 'THROTTLED') return 'slower';
  if (name === 'EXPIRED' || name === 'CONTACTADMIN' || name === 'AUTHORIZATIONFAILED') return 'shut';
  if (/too many|throttl|rate limit|suggested backoff|exceed\w* .*limit/i.test(text)) return 'slower';
  // Not "try again" alone: that is said to a wrong password, too.
  const hasEnd = suggestedWaitMs(text) !== undefined || /try again (later|in|after)/i.test(text);
  if (/\b(account|user|mailbox)\b.*\b(disabled|suspended)/i.test(text)) return hasEnd ? 'slower' : 'shut';
  if (/\block(ed|out)?\b/i.test(text) && (hasEnd || /temporar/i.test(text))) return 'slower';
  if (hasEnd || /temporar|internal error|unavailable/i.test(text)) return 'later';
  return /lock|disabled|suspend/i.test(text) ? 'shut' : null;
}

/** A refused LOGIN or AUTHENTICATE. */
export function loginError(
  code: ResponseCode | null,
  text: string,
  side: 'old' | 'new',
  { user, kind }: Pick<Credentials, 'user' | 'kind'>,
): MailferryError {
  const words = cleanText(text);
  const details = { side, serverText: words, retryAfterMs: suggestedWaitMs(text), atLogin: true };
  const name = code?.name ?? '';
  const said = words === '' ? '' : ` (server: ${words})`;
  if (tooManyConnections.test(text)) {
    return new MailferryError(
      'too-many-connections',
      `the account ${user} has too many connections${said}`,
      details,
    );
  }
  if (name === 'PRIVACYREQUIRED') {
    const what = `the server lets ${user} log in only on an encrypted connection${said}`;
    return new MailferryError('login-method-missing', what, details);
  }
  switch (loginTrouble(name, text)) {
    case 'later':
      return new MailferryError(
        'server-unavailable',
        `logging in as ${user} is not possible for now${said}`,
        details,
      );
    case 'slower':
      return new MailferryError('throttled', `the server holds off logins of ${user}${said}`, details);
    case 'shut':
      return new MailferryError('account-locked', `the account ${user} may not log in${said}`, details);
    case null:
  }
  if (kind === 'token')
    return new MailferryError(
      'token-refused',
      `the server does not take the token for ${user}${said}`,
      details,
    );
  return new MailferryError('login-refused', `wrong password or unknown user ${user}${said}`, details);
}
