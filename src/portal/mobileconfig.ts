/**
 * The settings of one mailbox as a configuration profile for Apple's devices: a property list in XML, unsigned, and
 * without any password: the device asks for it. Pure.
 */
import { createHash } from 'node:crypto';
import type { MailPrograms } from './mail-programs.ts';

export interface ProfileOwner {
  readonly accountId: string;
  readonly address: string;
  /** On new. */
  readonly login: string;
}

type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/** The text of the `.mobileconfig` file. Made again for the same account it replaces the one before on the device. */
export function mobileConfiguration(programs: MailPrograms, owner: ProfileOwner): string {
  const { imap, submission } = programs;
  const name = programs.name ?? imap.host;
  const identifier = `mailferry.${owner.accountId}`;
  const mail = {
    PayloadType: 'com.apple.mail.managed',
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.mail`,
    PayloadUUID: uuidOf(`${identifier}.mail`),
    PayloadDisplayName: name,
    EmailAccountDescription: name,
    EmailAccountType: 'EmailTypeIMAP',
    EmailAddress: owner.address,
    IncomingMailServerAuthentication: 'EmailAuthPassword',
    IncomingMailServerHostName: imap.host,
    IncomingMailServerPortNumber: imap.port,
    // True for STARTTLS as well: devices tell the two by how the server begins.
    IncomingMailServerUseSSL: true,
    IncomingMailServerUsername: owner.login,
    OutgoingMailServerAuthentication: 'EmailAuthPassword',
    OutgoingMailServerHostName: submission.host,
    OutgoingMailServerPortNumber: submission.port,
    OutgoingMailServerUseSSL: true,
    OutgoingMailServerUsername: owner.login,
    OutgoingPasswordSameAsIncomingPassword: true,
  };
  const profile = {
    PayloadType: 'Configuration',
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuidOf(identifier),
    PayloadDisplayName: `${name}: ${owner.address}`,
    PayloadRemovalDisallowed: false,
    PayloadContent: [mail],
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${element(profile, '')}
</plist>
`;
}

function element(value: Plain, indent: string): string {
  const inner = `${indent}  `;
  if (typeof value === 'string') return `${indent}<string>${text(value)}</string>`;
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>`;
  if (typeof value === 'boolean') return `${indent}<${value}/>`;
  if (Array.isArray(value)) {
    return `${indent}<array>\n${value.map((one: Plain) => element(one, inner)).join('\n')}\n${indent}</array>`;
  }
  const entries = Object.entries(value).map(
    ([key, one]) => `${inner}<key>${text(key)}</key>\n${element(one, inner)}`,
  );
  return `${indent}<dict>\n${entries.join('\n')}\n${indent}</dict>`;
}

/** Characters that XML 1.0 forbids altogether become U+FFFD: an address never has them, an odd login might. */
function text(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

/** The same for the same name: an own version 8 (RFC 9562 §5.8) out of its SHA-256. */
function uuidOf(name: string): string {
  const bytes = createHash('sha256').update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
