/**
 * Makes messages as people have them: German and English, plain and multipart, with attachments, and the odd ones that
 * copiers stumble over. Everything follows from the seed. Bodies have LF line ends, as Maildir files do.
 */

/** Random numbers from a seed (mulberry32): the same on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Integer in [0, limit). */
  below(limit: number): number;
  pick<T>(values: readonly T[]): T;
  /** About log-normal: half of the values lie below `median`, `spread` is sigma. */
  size(median: number, spread: number): number;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (values) => {
      const value = values[below(values.length)];
      if (value === undefined) throw new Error('nothing to pick from');
      return value;
    },
    size: (median, spread) => {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return Math.round(median * Math.exp(spread * normal));
    },
  };
}

/** What is odd about a message; most are 'plain', 'alternative' or 'attachment'. */
export type MessageKind =
  | 'plain'
  | 'alternative'
  | 'attachment'
  | 'eight-bit-headers'
  | 'no-message-id'
  | 'same-message-id'
  | 'long-line'
  | 'header-only';

export interface MessageOrder {
  readonly kind: MessageKind;
  /** Roughly; headers count. */
  readonly sizeBytes: number;
  readonly owner: string;
  /** Seconds since 1970. */
  readonly date: number;
  /** Distinguishes messages of one account. */
  readonly number: number;
  readonly random: Random;
}

const people = [
  ['Jürgen Müller', 'juergen.mueller@firma.example'],
  ['Anne-Sophie Lefèvre', 'as.lefevre@maison.example'],
  ['Grace Okafor', 'grace@okafor.example'],
  ['Katharina Weiß', 'k.weiss@kanzlei-weiss.example'],
  ['Tom Baker', 'tom@bakery.example'],
  ['Newsletter', 'news@shop.example'],
  ['Łukasz Wójcik', 'lukasz@wojcik.example'],
  ['Stadtwerke Kundenservice', 'service@stadtwerke.example'],
] as const;
const subjects = [
  'Angebot für die Küche',
  'Re: Terminvorschlag nächste Woche',
  'Rechnung Nr. 2024-',
  'Your order has been shipped',
  'Re: Re: Minutes of the meeting',
  'AW: Urlaubsplanung',
  'Fwd: Photos from the trip',
  'Grüße aus München',
  'Invoice attached',
  'Wichtige Änderung Ihrer Vertragsbedingungen',
  'lunch?',
  'Entwurf Protokoll Mitgliederversammlung',
];
const words = (
  'der die das und ist nicht mit für auf ein eine wir Sie haben werden können bitte Termin Rechnung Anhang Grüße ' +
  'the and you that with have this from they will would there their about which meeting invoice please attached ' +
  'regards schöne Straße Übersicht morgen gestern together project delivery Vertrag Angebot Lieferung tomorrow'
).split(' ');

/** Texts and base64 of this length are made once and cut into pieces: making each anew would take most of the time. */
const poolBytes = 1 << 20;
let textPool: Buffer | null = null;
let base64Pool: Buffer | null = null;

export function makeMessage(order: MessageOrder): Buffer {
  const { kind, random } = order;
  const headers = headersOf(order);
  const head = (extra: string) =>
    Buffer.from(`${headers}${extra}\n`, kind === 'eight-bit-headers' ? 'latin1' : 'utf8');
  const room = (start: Buffer) => Math.max(40, order.sizeBytes - start.length);
  switch (kind) {
    case 'header-only':
      return head('').subarray(0, -1);
    case 'long-line': {
      const start = head('Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n');
      const length = Math.max(2_000, room(start));
      return Buffer.concat([start, Buffer.from(`<p>${'ohne Umbruch '.repeat(length / 13)}</p>\n`)]);
    }
    case 'alternative': {
      const boundary = `=_alt_${order.number}_${random.below(1e9)}`;
      const start = head(`MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="${boundary}"\n`);
      const half = Math.floor(room(start) / 2);
      return Buffer.concat([
        start,
        Buffer.from(
          `--${boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n`,
        ),
        text(random, half),
        Buffer.from(
          `\n--${boundary}\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<html><body>`,
        ),
        text(random, half),
        Buffer.from(`</body></html>\n--${boundary}--\n`),
      ]);
    }
    case 'attachment': {
      const boundary = `=_mix_${order.number}_${random.below(1e9)}`;
      const start = head(`MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"\n`);
      const name = random.pick([
        'Angebot.pdf',
        'IMG_2041.jpeg',
        'Protokoll.docx',
        'B=?utf-8?Q?=C3=BC?=cher.xlsx',
      ]);
      return Buffer.concat([
        start,
        Buffer.from(
          `--${boundary}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n`,
        ),
        text(random, 300),
        Buffer.from(
          `\n--${boundary}\nContent-Type: application/octet-stream; name="${name}"\n` +
            `Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="${name}"\n\n`,
        ),
        ...base64(random, room(start) - 300),
        Buffer.from(`\n--${boundary}--\n`),
      ]);
    }
    default: {
      const start = head(
        'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n',
      );
      return Buffer.concat([start, text(random, room(start)), Buffer.from('\n')]);
    }
  }
}

function headersOf({ kind, owner, date, number, random }: MessageOrder): string {
  const [name, address] = random.pick(people);
  const subject = `${random.pick(subjects)}${random.below(3) === 0 ? ` ${number}` : ''}`;
  const when = rfc5322Date(date);
  const host = address.slice(address.indexOf('@') + 1);
  const raw = kind === 'eight-bit-headers';
  // Raw 8-bit headers are against the rules and in every old mailbox.
  const word = (value: string) => (raw ? toLatin1(value) : encodedWord(value));
  const messageId =
    kind === 'same-message-id' ? `<template@${host}>` : `<${date}.${number}.${random.below(1e9)}@${host}>`;
  return (
    `Return-Path: <${address}>\n` +
    `Delivered-To: ${owner}\n` +
    `Received: from mx.${host} (mx.${host} [192.0.2.${1 + random.below(250)}])\n` +
    `\tby mail.example.org (Postfix) with ESMTPS id ${random.below(1e12).toString(36).toUpperCase()}\n` +
    `\tfor <${owner}>; ${when}\n` +
    `From: ${word(name)} <${address}>\n` +
    `To: <${owner}>\n` +
    `Subject: ${word(subject)}\n` +
    `Date: ${when}\n` +
    (kind === 'no-message-id' ? '' : `Message-ID: ${messageId}\n`) +
    (random.below(3) === 0 ? `X-Mailer: Kontor Mail 7.${random.below(9)}\n` : '')
  );
}

function toLatin1(value: string): string {
  return Array.from(value, (character) => (character.charCodeAt(0) > 0xff ? '?' : character)).join('');
}

function encodedWord(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  return `=?utf-8?B?${Buffer.from(value).toString('base64')}?=`;
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function rfc5322Date(seconds: number): string {
  // Shown in the zone +0200, whatever the machine's own is.
  const local = new Date((seconds + 7_200) * 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${dayNames[local.getUTCDay()]}, ${local.getUTCDate()} ${monthNames[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
  return `${day} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} +0200`;
}

/** A piece of text with short lines, about `length` octets, from a random place of the pool. */
function text(random: Random, length: number): Buffer {
  textPool ??= makeTextPool();
  if (length <= 0) return Buffer.alloc(0);
  if (length > poolBytes / 2)
    return Buffer.concat([text(random, poolBytes / 2), text(random, length - poolBytes / 2)]);
  let from = random.below(poolBytes - length - 200);
  let to = from + length;
  // Whole lines only, so that no character is cut in two.
  from = textPool.indexOf(10, from) + 1;
  to = Math.max(from, textPool.indexOf(10, to));
  return textPool.subarray(from, to);
}

function makeTextPool(): Buffer {
  const random = seededRandom(0x7e87);
  let pool = '';
  let line = '';
  for (let length = 0; length < poolBytes + 400; ) {
    line += `${random.pick(words)} `;
    if (line.length > 66) {
      const whole = `${line.trimEnd()}\n`;
      pool += whole;
      length += whole.length;
      line = '';
    }
  }
  return Buffer.from(pool).subarray(0, poolBytes);
}

/** Lines of base64, about `length` octets, as views of one pool: a big attachment costs no memory until it is written. */
function base64(random: Random, length: number): Buffer[] {
  base64Pool ??= makeBase64Pool();
  const lineBytes = 77;
  const parts: Buffer[] = [];
  for (let left = Math.max(lineBytes, length); left > 0; ) {
    const lines = Math.max(1, Math.floor(Math.min(left, poolBytes / 2) / lineBytes));
    const from = random.below(Math.floor(poolBytes / lineBytes) - lines) * lineBytes;
    parts.push(base64Pool.subarray(from, from + lines * lineBytes));
    left -= lines * lineBytes;
    if (left < lineBytes) break;
  }
  return parts;
}

function makeBase64Pool(): Buffer {
  const random = seededRandom(0xb64);
  const bytes = Buffer.alloc(poolBytes);
  for (let i = 0; i < poolBytes; i += 4) bytes.writeUInt32LE(random.below(0x1_0000_0000), i);
  const lines = bytes.toString('base64').match(/.{76}/g) ?? [];
  return Buffer.from(`${lines.join('\n')}\n`).subarray(0, Math.floor(poolBytes / 77) * 77);
}
