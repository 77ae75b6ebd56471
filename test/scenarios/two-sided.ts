/**
 * What two sets of people do to one account, on old and on new at the same time, with programs of other makers; and
 * what must be on new afterwards, reckoned from old as it is at the end and from the acts on new alone.
 */
import { createHash } from 'node:crypto';
import { readdirSync, renameSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountOf, type LabImap } from '../interop/mailferry.ts';
import type { AccountSnapshot } from '../judge/imap-raw.ts';
import type { ActOnNew } from '../judge/invariants.ts';
import type { LabUser } from '../lab/dovecot.ts';
import {
  curlCommands,
  curlUpload,
  type ImaplibStep,
  mbsyncIsInstalled,
  withImapflow,
  withImaplib,
  withMbsync,
} from './real-clients.ts';

export interface Side {
  readonly server: LabImap;
  /** Name of a mailbox by its levels. */
  name(...levels: string[]): string;
}

export const letter = (id: string) =>
  Buffer.from(`From: x@example.org\r\nSubject: ${id}\r\n\r\nThis is ${id}.\r\n${'text '.repeat(40)}\r\n`);
export const digestOf = (id: string) => createHash('sha256').update(letter(id)).digest('hex');

const date = '"05-Feb-2024 10:00:00 +0000"';
const append = (box: string, id: string, flags = ''): ImaplibStep => [
  'append',
  box,
  `(${flags})`,
  date,
  letter(id).toString('latin1'),
];
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

export class TwoSided {
  readonly #user: LabUser;
  readonly #old: Side;
  readonly #fresh: Side;
  readonly acts: ActOnNew[] = [];
  /** Messages that a person worked with on new; they stay there though old lost them. */
  readonly kept: { readonly mailbox: string; readonly id: string }[] = [];

  constructor(user: LabUser, old: Side, fresh: Side) {
    this.#user = user;
    this.#old = old;
    this.#fresh = fresh;
  }

  /** The account as it is before the daemon sees it. */
  async fill(): Promise<void> {
    const { name } = this.#old;
    const boxes = [['Projekte'], ['Projekte', 'Akten'], ['Alt'], ['Leer'], ['Bald']];
    await withImaplib(this.#old.server, this.#user, [
      ...boxes.map((levels): ImaplibStep => ['create', name(...levels)]),
      ['subscribe', name('Projekte')],
      ...numbers(16).map((i) => append('INBOX', `m${i}`, i % 3 === 0 ? '\\Seen' : '')),
      ...numbers(6).map((i) => append(name('Projekte'), `p${i}`, i === 0 ? '\\Flagged Wichtig' : '')),
      ...numbers(4).map((i) => append(name('Projekte', 'Akten'), `a${i}`)),
      ...numbers(3).map((i) => append(name('Alt'), `t${i}`, '\\Seen')),
      ...numbers(3).map((i) => append(name('Bald'), `b${i}`)),
    ]);
  }

  /** On old, while the first copy runs. */
  async oldWhileCopying(): Promise<void> {
    const { server, name } = this.#old;
    const { m0, m1, m2, m3 } = await this.#uids(this.#old, 'INBOX');
    await Promise.all([
      withImaplib(server, this.#user, [
        append('INBOX', 'o1', '\\Flagged Wichtig'),
        append(name('Projekte'), 'o2'),
        ['select', 'INBOX'],
        ['uid', 'STORE', `${m0}`, '-FLAGS', '(\\Seen)'],
        ['uid', 'STORE', `${m1}`, '+FLAGS', '(\\Answered Privat)'],
        ['rename', name('Bald'), name('Geworden')],
        ['create', name('Neu')],
        append(name('Neu'), 'o3'),
        ['subscribe', name('Neu')],
      ]),
      withImapflow(server, this.#user, async (client) => {
        await client.mailboxOpen('INBOX');
        await client.messageMove(`${m2}`, name('Projekte'), { uid: true });
      }),
      this.#expunge(this.#old, 'INBOX', Number(m3)),
    ]);
  }

  /** Both at once, in step. */
  async bothInStep(): Promise<void> {
    await Promise.all([this.#oldInStep(), this.#newInStep()]);
  }

  async #oldInStep(): Promise<void> {
    const { server, name } = this.#old;
    const { m9, m10, m11 } = await this.#uids(this.#old, 'INBOX');
    await Promise.all([
      (async () => {
        for (const i of numbers(5)) await curlUpload(server, this.#user, 'INBOX', letter(`c${i}`));
      })(),
      withImaplib(server, this.#user, [
        ['select', 'INBOX'],
        ['uid', 'STORE', `${m9}`, '+FLAGS', '(\\Flagged Eilig)'],
        ['close'],
        ['rename', name('Alt'), name('Archiv')],
        ['delete', name('Leer')],
        ['create', name('Neu', 'Tief')],
        append(name('Neu', 'Tief'), 'o4', '\\Draft'),
        ['subscribe', name('Archiv')],
      ]),
      withImapflow(server, this.#user, async (client) => {
        await client.mailboxOpen('INBOX');
        await client.messageMove(`${m10}`, name('Projekte', 'Akten'), { uid: true });
        await client.messageDelete(`${m11}`, { uid: true });
      }),
    ]);
  }

  async #newInStep(): Promise<void> {
    const { server, name } = this.#fresh;
    const { m4, m5, m6, m7 } = await this.#uids(this.#fresh, 'INBOX');
    const mine = name('Meine');
    await Promise.all([
      withImapflow(server, this.#user, async (client) => {
        await client.mailboxCreate(mine);
        await client.mailboxOpen('INBOX');
        await client.messageFlagsAdd(`${m4}`, ['\\Seen'], { uid: true });
        await client.messageMove(`${m6}`, mine, { uid: true });
      }),
      withImaplib(server, this.#user, [
        ['select', 'INBOX'],
        ['uid', 'STORE', `${m5}`, '+FLAGS', '(\\Flagged Meins)'],
        append(name('Projekte'), 'n2', '\\Seen'),
      ]),
      this.#expunge(this.#fresh, 'INBOX', Number(m7)),
      curlUpload(server, this.#user, 'INBOX', letter('n1')),
      this.#readWithMbsync(),
    ]);
    this.acts.push(
      { kind: 'flagged', mailbox: 'INBOX', sha256: digestOf('m4'), flags: ['\\Seen'] },
      { kind: 'flagged', mailbox: 'INBOX', sha256: digestOf('m5'), flags: ['\\Flagged', 'Meins'] },
      { kind: 'moved', mailbox: 'INBOX', to: mine, sha256: digestOf('m6') },
      { kind: 'deleted', mailbox: 'INBOX', sha256: digestOf('m7') },
      { kind: 'added', mailbox: 'INBOX', sha256: digestOf('n1'), flags: ['\\Seen'] },
      { kind: 'added', mailbox: name('Projekte'), sha256: digestOf('n2'), flags: ['\\Seen'] },
    );
  }

  /** A flag and a letter of its own by a program that works on a Maildir. */
  async #readWithMbsync(): Promise<void> {
    if (!mbsyncIsInstalled())
      throw new Error('mbsync (package isync) is missing: the test set-up installs it');
    await withMbsync(this.#fresh.server, this.#user, (maildir) => {
      for (const sub of ['cur', 'new']) {
        for (const file of readdirSync(join(maildir, sub))) {
          if (!readFileSync(join(maildir, sub, file), 'latin1').includes('This is m8.')) continue;
          const base = file.replace(/:2,.*$/, '');
          renameSync(join(maildir, sub, file), join(maildir, 'cur', `${base}:2,FS`));
        }
      }
    });
    this.acts.push({
      kind: 'flagged',
      mailbox: 'INBOX',
      sha256: digestOf('m8'),
      flags: ['\\Flagged', '\\Seen'],
    });
  }

  /** Old works with messages that somebody changed, moved or deleted on new. */
  async oldAfterwards(): Promise<void> {
    const { server } = this.#old;
    const { m4, m5, m6, m7 } = await this.#uids(this.#old, 'INBOX');
    await withImaplib(server, this.#user, [
      ['select', 'INBOX'],
      ['uid', 'STORE', `${m7}`, '+FLAGS', '(\\Flagged)'],
      ['uid', 'STORE', `${m5}`, '+FLAGS', '(\\Answered)'],
      ['close'],
    ]);
    await this.#expunge(this.#old, 'INBOX', Number(m4));
    await this.#expunge(this.#old, 'INBOX', Number(m6));
    await curlUpload(server, this.#user, 'INBOX', letter('last'));
    this.kept.push({ mailbox: 'INBOX', id: 'm4' });
    const at = this.acts.findIndex((act) => act.sha256 === digestOf('m5'));
    this.acts[at] = {
      kind: 'flagged',
      mailbox: 'INBOX',
      sha256: digestOf('m5'),
      flags: ['\\Answered', '\\Flagged', 'Meins'],
    };
  }

  /** Old's name to new's. */
  readonly mapping = (oldName: string): string => {
    if (oldName === 'INBOX') return oldName;
    const sample = this.#old.name('a', 'b');
    const delimiter = sample.at(-2) ?? '/';
    return this.#fresh.name(...oldName.slice(sample.length - 3).split(delimiter));
  };

  /** What is on new, and what has to be: digests by mailbox. */
  async contents(): Promise<{ readonly is: Contents; readonly wanted: Contents }> {
    const [there, here] = await Promise.all([
      accountOf(this.#old.server, this.#user),
      accountOf(this.#fresh.server, this.#user),
    ]);
    const wanted = contentsOf(there, this.mapping);
    const take = (mailbox: string, sha256: string) => {
      const at = wanted[mailbox]?.indexOf(sha256) ?? -1;
      if (at !== -1) wanted[mailbox]?.splice(at, 1);
    };
    const put = (mailbox: string, sha256: string) => {
      wanted[mailbox] = [...(wanted[mailbox] ?? []), sha256].sort();
    };
    for (const act of this.acts) {
      if (act.kind === 'deleted' || act.kind === 'moved') take(act.mailbox, act.sha256);
      if (act.kind === 'moved') put(act.to, act.sha256);
      if (act.kind === 'added') put(act.mailbox, act.sha256);
    }
    for (const { mailbox, id } of this.kept) put(mailbox, digestOf(id));
    return { is: contentsOf(here, (name) => name), wanted };
  }

  async #uids(side: Side, mailbox: string): Promise<Record<string, number>> {
    const box = (await accountOf(side.server, this.#user)).get(mailbox);
    const names = new Map(numbers(16).map((i) => [digestOf(`m${i}`), `m${i}`]));
    return Object.fromEntries(
      (box?.messages ?? []).map(({ uid, sha256 }) => [names.get(sha256) ?? sha256, uid]),
    );
  }

  #expunge(side: Side, mailbox: string, uid: number): Promise<void> {
    const store = `UID STORE ${uid} +FLAGS (\\Deleted)`;
    return curlCommands(side.server, this.#user, mailbox, [store, `UID EXPUNGE ${uid}`]);
  }
}

export type Contents = Record<string, string[]>;

function contentsOf(account: AccountSnapshot, mapping: (name: string) => string): Contents {
  const selectable = [...account.values()].filter((box) => box.selectable);
  return Object.fromEntries(
    selectable.map(({ name, messages }) => [mapping(name), messages.map((m) => m.sha256).sort()]),
  );
}
