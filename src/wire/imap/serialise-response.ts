/** Responses as bytes, for servers of our own (fakes, the gate): what this writes, the parser reads back as it was. */
import { assertNever } from '../../base/assert-never.ts';
import { bytesOf, bytesOfLatin1, concatBytes } from '../../base/bytes.ts';
import type { FetchAttributes, ImapResponse, Namespace, ResponseCode, StatusAttributes } from './response.ts';
import { formatUidSet } from './uid-set.ts';

/**
 * `bodies` are the bytes of the attributes' bodies with a size, in order, for `fetch`. Names and strings are quoted
 * where they can be, else literals. Throws where a body is missing or has another size than announced.
 */
export function serialiseResponse(response: ImapResponse, bodies: readonly Uint8Array[] = []): Uint8Array {
  if (response.kind === 'fetch') return msgAtt(response.attributes, bodies);
  return concatBytes([...line(response), bytesOf('\r\n')]);
}

type Pieces = Uint8Array[];

function line(response: Exclude<ImapResponse, { kind: 'fetch' }>): Pieces {
  switch (response.kind) {
    case 'continuation':
      return [bytesOf(`+ ${respText(response.code, response.text)}`)];
    case 'tagged':
      return [bytesOf(`${response.tag} ${response.status} ${respText(response.code, response.text)}`)];
    case 'condition':
      return [bytesOf(`* ${response.status} ${respText(response.code, response.text)}`)];
    case 'capability':
      return [latin1(['* CAPABILITY', ...response.capabilities].join(' '))];
    case 'enabled':
      return [latin1(['* ENABLED', ...response.capabilities].join(' '))];
    case 'flags':
      return [latin1(`* FLAGS (${response.flags.join(' ')})`)];
    case 'list':
    case 'lsub':
      return mailboxList(response);
    case 'status':
      return [
        bytesOf('* STATUS '),
        ...string(response.mailbox),
        bytesOf(` (${statusAttributes(response.attributes)})`),
      ];
    case 'exists':
    case 'recent':
    case 'expunge':
      return [bytesOf(`* ${response.number} ${response.kind.toUpperCase()}`)];
    case 'vanished':
      return [bytesOf(`* VANISHED ${response.earlier ? '(EARLIER) ' : ''}${formatUidSet(response.uids)}`)];
    case 'search':
      return [
        bytesOf(
          ['* SEARCH', ...response.numbers].join(' ') +
            (response.modSeq === null ? '' : ` (MODSEQ ${response.modSeq})`),
        ),
      ];
    case 'esearch':
      return esearch(response);
    case 'namespace':
      return [
        bytesOf('* NAMESPACE '),
        ...namespaces(response.personal),
        bytesOf(' '),
        ...namespaces(response.otherUsers),
        bytesOf(' '),
        ...namespaces(response.shared),
      ];
    case 'id':
      return id(response.fields);
    case 'quota':
      return [
        bytesOf('* QUOTA '),
        ...string(response.root),
        latin1(` (${response.resources.map((r) => `${r.name} ${r.usage} ${r.limit}`).join(' ')})`),
      ];
    case 'quotaroot':
      return [
        bytesOf('* QUOTAROOT '),
        ...string(response.mailbox),
        ...response.roots.flatMap((root) => [bytesOf(' '), ...string(root)]),
      ];
    case 'myrights':
      return [bytesOf('* MYRIGHTS '), ...string(response.mailbox), bytesOf(' '), ...string(response.rights)];
    case 'unknown':
      return [latin1(response.line)];
    default:
      return assertNever(response);
  }
}

function latin1(text: string): Uint8Array {
  return bytesOfLatin1(text);
}

/** `string`; one character per byte. */
function string(text: string): Pieces {
  const bytes = bytesOfLatin1(text);
  if (bytes.every((byte) => byte !== 0 && byte !== 0x0a && byte !== 0x0d && byte < 0x80)) {
    return [bytesOf(`"${text.replace(/["\\]/g, '\\$&')}"`)];
  }
  return [bytesOf(`{${bytes.length}}\r\n`), bytes];
}

function nstring(text: string | null): Pieces {
  return text === null ? [bytesOf('NIL')] : string(text);
}

function respText(code: ResponseCode | null, text: string): string {
  return code === null ? text : `[${respTextCode(code)}] ${text}`;
}

function respTextCode(code: ResponseCode): string {
  const { name } = code;
  if ('capabilities' in code) return [name, ...code.capabilities].join(' ');
  if ('flags' in code) return `${name} (${code.flags.join(' ')})`;
  if ('fromUids' in code) {
    return `${name} ${code.uidValidity} ${formatUidSet(code.fromUids)} ${formatUidSet(code.toUids)}`;
  }
  if ('uidValidity' in code) return `${name} ${code.uidValidity} ${formatUidSet(code.uids)}`;
  if ('uids' in code) return `${name} ${formatUidSet(code.uids)}`;
  if ('value' in code) return `${name} ${code.value}`;
  if ('id' in code) return `${name} (${code.id})`;
  return 'argument' in code && code.argument !== undefined ? `${name} ${code.argument}` : name;
}

function mailboxList(response: Extract<ImapResponse, { kind: 'list' | 'lsub' }>): Pieces {
  const { kind, attributes, delimiter, mailbox, extended } = response;
  const pieces = [
    latin1(`* ${kind.toUpperCase()} (${attributes.join(' ')}) `),
    ...nstring(delimiter),
    bytesOf(' '),
    ...string(mailbox),
  ];
  const items = Object.entries(extended);
  if (items.length > 0) {
    const members = items.map(([tag, value]) => `"${tag}" ${value}`);
    pieces.push(latin1(` (${members.join(' ')})`));
  }
  return pieces;
}

function statusAttributes(attributes: StatusAttributes): string {
  const words: string[] = [];
  const add = (name: string, value: string | number | bigint | null | undefined) => {
    if (value !== undefined) words.push(`${name} ${value === null ? 'NIL' : String(value)}`);
  };
  add('MESSAGES', attributes.messages);
  add('UIDNEXT', attributes.uidNext);
  add('UIDVALIDITY', attributes.uidValidity);
  add('UNSEEN', attributes.unseen);
  add('RECENT', attributes.recent);
  add('DELETED', attributes.deleted);
  add('SIZE', attributes.sizeBytes);
  add('HIGHESTMODSEQ', attributes.highestModSeq);
  if (attributes.mailboxId !== undefined) words.push(`MAILBOXID (${attributes.mailboxId})`);
  add('APPENDLIMIT', attributes.appendLimit);
  return words.join(' ');
}

function esearch(response: Extract<ImapResponse, { kind: 'esearch' }>): Pieces {
  const pieces = [bytesOf('* ESEARCH')];
  if (response.tag !== null) pieces.push(bytesOf(' (TAG '), ...string(response.tag), bytesOf(')'));
  let rest = response.uid ? ' UID' : '';
  if (response.min !== null) rest += ` MIN ${response.min}`;
  if (response.max !== null) rest += ` MAX ${response.max}`;
  if (response.count !== null) rest += ` COUNT ${response.count}`;
  if (response.modSeq !== null) rest += ` MODSEQ ${response.modSeq}`;
  if (response.all !== null) rest += ` ALL ${formatUidSet(response.all)}`;
  pieces.push(bytesOf(rest));
  return pieces;
}

function namespaces(found: readonly Namespace[]): Pieces {
  if (found.length === 0) return [bytesOf('NIL')];
  const pieces = [bytesOf('(')];
  for (const { prefix, delimiter } of found) {
    pieces.push(bytesOf('('), ...string(prefix), bytesOf(' '), ...nstring(delimiter), bytesOf(')'));
  }
  pieces.push(bytesOf(')'));
  return pieces;
}

function id(fields: Readonly<Record<string, string | null>>): Pieces {
  const entries = Object.entries(fields);
  if (entries.length === 0) return [bytesOf('* ID NIL')];
  const pieces = [bytesOf('* ID (')];
  for (const [i, [name, value]] of entries.entries()) {
    if (i > 0) pieces.push(bytesOf(' '));
    pieces.push(...string(name), bytesOf(' '), ...nstring(value));
  }
  pieces.push(bytesOf(')'));
  return pieces;
}

/** Metadata first, bodies last. */
function msgAtt(attributes: FetchAttributes, bodies: readonly Uint8Array[]): Uint8Array {
  const words: Pieces[] = [];
  if (attributes.uid !== undefined) words.push([bytesOf(`UID ${attributes.uid}`)]);
  if (attributes.flags !== undefined) words.push([latin1(`FLAGS (${attributes.flags.join(' ')})`)]);
  if (attributes.internalDate !== undefined) {
    words.push([bytesOf('INTERNALDATE '), ...string(attributes.internalDate)]);
  }
  if (attributes.sizeBytes !== undefined) words.push([bytesOf(`RFC822.SIZE ${attributes.sizeBytes}`)]);
  if (attributes.modSeq !== undefined) words.push([bytesOf(`MODSEQ (${attributes.modSeq})`)]);
  if (attributes.emailId !== undefined) words.push([bytesOf(`EMAILID (${attributes.emailId})`)]);
  let next = 0;
  for (const { section, origin, sizeBytes } of attributes.bodies ?? []) {
    const name = `BODY[${section}]${origin === null ? '' : `<${origin}>`}`;
    if (sizeBytes === null) {
      words.push([bytesOf(`${name} NIL`)]);
      continue;
    }
    const body = bodies[next++];
    if (body?.length !== sizeBytes) throw new RangeError('a body has another size than announced');
    words.push([bytesOf(`${name} {${sizeBytes}}\r\n`), body]);
  }
  const pieces = [bytesOf(`* ${attributes.seq} FETCH (`)];
  for (const [i, word] of words.entries()) {
    if (i > 0) pieces.push(bytesOf(' '));
    pieces.push(...word);
  }
  pieces.push(bytesOf(')\r\n'));
  return concatBytes(pieces);
}
