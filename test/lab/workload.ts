/**
 * Fills an old server with mail to measure and to show: written straight into its Maildirs, because delivering a
 * hundred thousand messages one by one would take longer than copying them. Dovecot finds the files at the next login.
 *
 * W1: 10,000 messages in 10 mailboxes, 47 MB, median 4 KB.   W2: 1,500 messages, 446 MB, up to 20 MB.
 * W4: 300,000 messages in one mailbox.                      W5: one message of 150 MB among small ones.
 * W3: 100,000 messages, 95 MB.                               demo: four people's accounts, about 3,000 messages.
 * newcomer: one person's account, 1,500 messages, which nobody has begun to copy.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { LabUser } from './dovecot.ts';
import { type MessageKind, makeMessage, type Random, seededRandom } from './messages.ts';

export type WorkloadName = 'W1' | 'W2' | 'W3' | 'W4' | 'W5' | 'demo' | 'newcomer';

export interface WorkloadOptions {
  readonly name: WorkloadName;
  /** Share of the messages; 0.01 makes W1 a hundred messages. Default 1. */
  readonly scale?: number;
  readonly seed?: number;
  /** Add real messages from the corpora, where they are present. Default only in the demo. */
  readonly corpora?: boolean;
}

export interface PlannedMessage {
  readonly user: string;
  /** Levels of the name in plain UTF-8; ['INBOX'] for INBOX. */
  readonly mailbox: readonly string[];
  readonly systemFlags: readonly string[];
  readonly keywords: readonly string[];
  /** INTERNALDATE in seconds since 1970. */
  readonly date: number;
  /** With LF line ends; see `wireForm`. */
  readonly body: Buffer;
}

export interface FilledMailbox {
  readonly user: string;
  readonly mailbox: readonly string[];
  messages: number;
  /** As the server counts them, with CRLF. */
  bytes: number;
}

/** What of a server is needed to fill it: `startDovecot` with the default mail format, or Courier. */
export interface MaildirServer {
  mailDir(user: string): string;
  mailOwner(user: string): { readonly uid: number; readonly gid: number };
}

/** Names that are special in the lab's accounts, for `startDovecot({ specialUse })`. */
export const workloadSpecialUse: Readonly<Record<string, string>> = {
  Entwürfe: '\\Drafts',
  Gesendet: '\\Sent',
  Papierkorb: '\\Trash',
  Spamverdacht: '\\Junk',
  Archiv: '\\Archive',
  Drafts: '\\Drafts',
  Sent: '\\Sent',
  Trash: '\\Trash',
  Junk: '\\Junk',
  Archive: '\\Archive',
};

interface PlannedMailbox {
  readonly mailbox: readonly string[];
  /** Share of the account's messages. */
  readonly share: number;
}

interface PlannedAccount {
  readonly user: LabUser;
  readonly messages: number;
  readonly mailboxes: readonly PlannedMailbox[];
  /** A size for a message; decides its kind too where it is large. */
  readonly size: (random: Random, index: number) => number;
}

const tenMailboxes: readonly PlannedMailbox[] = [
  { mailbox: ['INBOX'], share: 30 },
  { mailbox: ['Gesendet'], share: 20 },
  { mailbox: ['Entwürfe'], share: 1 },
  { mailbox: ['Papierkorb'], share: 5 },
  { mailbox: ['Spamverdacht'], share: 4 },
  { mailbox: ['Archiv'], share: 15 },
  { mailbox: ['Archiv', '2023'], share: 10 },
  { mailbox: ['Projekte', '2024'], share: 8 },
  { mailbox: ['Rechnungen & Verträge'], share: 5 },
  { mailbox: ['Clients', 'Acme Ltd'], share: 2 },
];

const password = 'lab-geheim';
const anna: LabUser = { name: 'anna@example.org', password };

/** Mean about 300 KB: mostly text, a third with an attachment, one in a hundred between 2 and 20 MB. */
function sizeWithAttachments(random: Random, index: number): number {
  if (index % 100 === 57) return Math.round(2_000_000 * 10 ** ((index % 1_500) / 1_460));
  const dice = random.next();
  if (dice < 0.6) return Math.max(900, random.size(4_000, 0.6));
  if (dice < 0.9) return Math.min(900_000, random.size(180_000, 0.6));
  return Math.min(4_000_000, random.size(1_580_000, 0.35));
}

/** Sizes of the demo: small mail, now and then a photo, and in one account the 25 MB that mail servers usually allow. */
const demoSize =
  (biggestBytes: number) =>
  (random: Random, index: number): number => {
    if (index === 40) return biggestBytes;
    if (index % 97 === 41) return Math.min(5_000_000, random.size(900_000, 0.6));
    if (index % 11 === 5) return random.size(40_000, 0.6);
    return Math.max(700, random.size(3_500, 0.7));
  };

const demoAccounts: readonly PlannedAccount[] = [
  {
    user: { name: 'anna.schmidt@example.org', password },
    messages: 1_400,
    size: demoSize(8_000_000),
    mailboxes: [
      { mailbox: ['INBOX'], share: 35 },
      { mailbox: ['Entwürfe'], share: 1 },
      { mailbox: ['Gesendet'], share: 25 },
      { mailbox: ['Papierkorb'], share: 4 },
      { mailbox: ['Spamverdacht'], share: 3 },
      { mailbox: ['Archiv', '2022'], share: 10 },
      { mailbox: ['Archiv', '2023'], share: 10 },
      { mailbox: ['Projekte', '2024', 'Umzug Büro'], share: 6 },
      { mailbox: ['Rechnungen'], share: 6 },
      { mailbox: ['Vorlagen'], share: 0 },
    ],
  },
  {
    user: { name: 'john.miller@example.org', password },
    messages: 1_100,
    size: demoSize(12_000_000),
    mailboxes: [
      { mailbox: ['INBOX'], share: 45 },
      { mailbox: ['Drafts'], share: 1 },
      { mailbox: ['Sent'], share: 30 },
      { mailbox: ['Trash'], share: 4 },
      { mailbox: ['Junk'], share: 4 },
      { mailbox: ['Archive'], share: 10 },
      { mailbox: ['Clients', 'Acme & Sons'], share: 4 },
      { mailbox: ['Travel'], share: 2 },
    ],
  },
  {
    user: { name: 'verein@example.org', password },
    messages: 380,
    size: demoSize(4_000_000),
    mailboxes: [
      { mailbox: ['INBOX'], share: 60 },
      { mailbox: ['Gesendet'], share: 25 },
      { mailbox: ['Mitglieder', 'Anträge'], share: 10 },
      { mailbox: ['Mitglieder', 'Kündigungen'], share: 5 },
    ],
  },
  {
    user: { name: 'kati@example.org', password },
    messages: 120,
    size: demoSize(25_000_000),
    mailboxes: [
      { mailbox: ['INBOX'], share: 60 },
      { mailbox: ['Sent'], share: 30 },
      { mailbox: ['Fotos & Videos'], share: 10 },
    ],
  },
];

const accountsOf: Readonly<Record<WorkloadName, readonly PlannedAccount[]>> = {
  W1: [
    {
      user: anna,
      messages: 10_000,
      mailboxes: tenMailboxes,
      size: (random) => Math.max(700, random.size(3_950, 0.58)),
    },
  ],
  W2: [{ user: anna, messages: 1_500, mailboxes: tenMailboxes, size: sizeWithAttachments }],
  W3: [
    {
      user: anna,
      messages: 100_000,
      mailboxes: tenMailboxes,
      size: (random) => Math.max(600, random.size(830, 0.4)),
    },
  ],
  W4: [
    {
      user: anna,
      messages: 300_000,
      mailboxes: [{ mailbox: ['INBOX'], share: 1 }],
      size: (random) => Math.max(600, random.size(830, 0.4)),
    },
  ],
  W5: [
    {
      user: anna,
      messages: 10,
      mailboxes: [{ mailbox: ['INBOX'], share: 1 }],
      size: (random, index) => (index === 5 ? 150_000_000 : Math.max(600, random.size(830, 0.4))),
    },
  ],
  demo: demoAccounts,
  newcomer: [
    {
      user: { name: 'lena.vogt@example.org', password },
      messages: 1_500,
      size: demoSize(3_000_000),
      mailboxes: [
        { mailbox: ['INBOX'], share: 40 },
        { mailbox: ['Gesendet'], share: 30 },
        { mailbox: ['Rechnungen'], share: 20 },
        { mailbox: ['Reisen', '2024'], share: 10 },
      ],
    },
  ],
};

export function workloadUsers(name: WorkloadName): LabUser[] {
  return accountsOf[name].map(({ user }) => user);
}

/** All messages, mailbox by mailbox, oldest first; for servers that cannot be filled through their files. */
export function* workloadMessages(options: WorkloadOptions): Generator<PlannedMessage> {
  const scale = options.scale ?? 1;
  const accounts = accountsOf[options.name];
  for (const [number, account] of accounts.entries()) {
    const random = seededRandom((options.seed ?? 1) * 1_000 + number);
    const shares = account.mailboxes.reduce((sum, { share }) => sum + share, 0);
    let index = 0;
    for (const { mailbox, share } of account.mailboxes) {
      const count = share === 0 ? 0 : Math.max(1, Math.round((account.messages * scale * share) / shares));
      yield* messagesOf(account, mailbox, count, index, random);
      index += count;
    }
    if (options.corpora ?? options.name === 'demo')
      yield* corpusMessages(account.user.name, number, accounts.length);
  }
}

/** 2019-01-01; messages are spread from here over the years that follow. */
const firstDate = 1_546_300_800;
const lastDate = 1_760_000_000;

function* messagesOf(
  account: PlannedAccount,
  mailbox: readonly string[],
  count: number,
  firstIndex: number,
  random: Random,
): Generator<PlannedMessage> {
  const user = account.user.name;
  let previous: PlannedMessage | null = null;
  for (let i = 0; i < count; i++) {
    const index = firstIndex + i;
    const date = firstDate + Math.floor(((i + random.next()) / count) * (lastDate - firstDate));
    // A twin: the same mail delivered twice, byte for byte. Both must arrive.
    if (previous !== null && index % 101 === 33) {
      yield { ...previous, date: previous.date + 1 };
      continue;
    }
    const sizeBytes = account.size(random, index);
    const body = makeMessage({
      kind: kindOf(index, sizeBytes, random),
      sizeBytes,
      owner: user,
      date,
      number: index,
      random,
    });
    previous = { user, mailbox, ...flagsOf(mailbox, index, random), date, body };
    yield previous;
  }
}

function kindOf(index: number, sizeBytes: number, random: Random): MessageKind {
  if (sizeBytes > 20_000) return 'attachment';
  if (index % 53 === 7) return 'eight-bit-headers';
  if (index % 71 === 11) return 'no-message-id';
  if (index % 89 === 13) return 'same-message-id';
  if (index % 199 === 17) return 'long-line';
  if (index % 307 === 19) return 'header-only';
  return sizeBytes > 2_000 && random.below(4) === 0 ? 'alternative' : 'plain';
}

function flagsOf(mailbox: readonly string[], index: number, random: Random) {
  const systemFlags: string[] = [];
  if (mailbox[0] !== 'INBOX' || random.below(10) > 0) systemFlags.push('\\Seen');
  if (random.below(8) === 0) systemFlags.push('\\Answered');
  if (random.below(20) === 0) systemFlags.push('\\Flagged');
  if (mailbox[0] === 'Entwürfe' || mailbox[0] === 'Drafts') systemFlags.push('\\Draft');
  const keywords =
    index % 29 === 3 ? [random.pick(['$Forwarded', '$MDNSent', 'NonJunk', '$label1', 'Wichtig'])] : [];
  return { systemFlags, keywords };
}

/** At most this many messages from the corpora in all, none larger than this: they are there for their oddity. */
const corpusMessageLimit = 160;
const corpusMessageMaxBytes = 300_000;

function* corpusMessages(user: string, part: number, parts: number): Generator<PlannedMessage> {
  const root = process.env['MAILFERRY_CORPORA'] ?? resolve(import.meta.dirname, '../../../shared/corpora');
  if (!existsSync(root)) return;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(eml|msg)$/.test(file))
    .sort();
  const step = Math.max(1, Math.floor(files.length / corpusMessageLimit));
  for (let i = part; i * step < files.length; i += parts) {
    const body = readFileSync(join(root, files[i * step] as string));
    if (body.length > corpusMessageMaxBytes) continue;
    yield {
      user,
      mailbox: ['Fundstücke'],
      systemFlags: [],
      keywords: [],
      date: firstDate + i * 86_400,
      body,
    };
  }
}

/** As the message goes over the wire: each LF without CR before it gets one, as Dovecot does. */
export function wireForm(body: Buffer): Buffer {
  const text = body.toString('latin1');
  return Buffer.from(text.replace(/(?<!\r)\n/g, '\r\n'), 'latin1');
}

/** Writes the whole workload below the server's Maildirs; the server may run. Gives what each mailbox got. */
export function fillWorkload(server: MaildirServer, options: WorkloadOptions): FilledMailbox[] {
  const filled = new Map<string, MaildirWriter>();
  const users = new Set<string>();
  const subscribed = new Map<string, Set<string>>();
  const open = (user: string, mailbox: readonly string[]): MaildirWriter => {
    const key = `${user}\n${mailbox.join('\n')}`;
    let writer = filled.get(key);
    if (writer === undefined) {
      writer = new MaildirWriter(server.mailDir(user), user, mailbox);
      filled.set(key, writer);
      users.add(user);
      const names = subscribed.get(user) ?? new Set();
      names.add(mailbox[0] === 'INBOX' ? 'INBOX' : mailbox.map(modifiedUtf7).join('.'));
      subscribed.set(user, names);
    }
    return writer;
  };
  for (const { user, mailboxes } of accountsOf[options.name]) {
    for (const { mailbox } of mailboxes) open(user.name, mailbox);
  }
  for (const message of workloadMessages(options)) open(message.user, message.mailbox).add(message);
  for (const writer of filled.values()) writer.finish();
  for (const user of users) {
    const root = server.mailDir(user);
    writeFileSync(join(root, 'subscriptions'), `${[...(subscribed.get(user) ?? [])].join('\n')}\n`);
    const { uid, gid } = server.mailOwner(user);
    // One command for all files is ten times faster than a call for each.
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${uid}:${gid}`, root]);
  }
  return [...filled.values()].map(({ result }) => result);
}

const maildirLetters: Readonly<Record<string, string>> = {
  '\\Draft': 'D',
  '\\Flagged': 'F',
  '\\Answered': 'R',
  '\\Seen': 'S',
  '\\Deleted': 'T',
};

/** Writes one mailbox in Maildir++ with Dovecot's file of keywords. */
class MaildirWriter {
  readonly result: FilledMailbox;
  readonly #dir: string;
  readonly #keywords: string[] = [];

  constructor(root: string, user: string, mailbox: readonly string[]) {
    const isInbox = mailbox.length === 1 && mailbox[0] === 'INBOX';
    this.#dir = isInbox ? root : join(root, `.${mailbox.map(modifiedUtf7).join('.')}`);
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(this.#dir, part), { recursive: true });
    if (!isInbox) writeFileSync(join(this.#dir, 'maildirfolder'), '');
    this.result = { user, mailbox, messages: 0, bytes: 0 };
  }

  add({ body, date, systemFlags, keywords }: PlannedMessage): void {
    const number = ++this.result.messages;
    const wireBytes = body.length + bareLineFeeds(body);
    this.result.bytes += wireBytes;
    const letters = systemFlags
      .map((flag) => maildirLetters[flag] ?? '')
      .sort()
      .join('');
    const small = keywords
      .map((keyword) => this.#keywordLetter(keyword))
      .sort()
      .join('');
    // Dovecot numbers new files in the order of the number at the front: the order of delivery.
    const name = `${firstDate + number}.M${number}P1.lab,S=${body.length},W=${wireBytes}:2,${letters}${small}`;
    const fd = openSync(join(this.#dir, 'cur', name), 'wx', 0o600);
    writeSync(fd, body);
    futimesSync(fd, date, date);
    closeSync(fd);
  }

  finish(): void {
    if (this.#keywords.length === 0) return;
    writeFileSync(
      join(this.#dir, 'dovecot-keywords'),
      this.#keywords.map((name, i) => `${i} ${name}\n`).join(''),
    );
  }

  #keywordLetter(keyword: string): string {
    let index = this.#keywords.indexOf(keyword);
    if (index < 0) index = this.#keywords.push(keyword) - 1;
    return String.fromCharCode(97 + index);
  }
}

function bareLineFeeds(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) if (body[at - 1] !== 13) count++;
  return count;
}

/** RFC 3501 §5.1.3, written anew here: the lab takes nothing from src/. */
export function modifiedUtf7(name: string): string {
  return name.replace(/&|[^\x20-\x7e]+/g, (part) => {
    if (part === '&') return '&-';
    const bytes = Buffer.from(part, 'utf16le').swap16();
    return `&${bytes.toString('base64').replace(/=+$/, '').replace(/\//g, ',')}-`;
  });
}
