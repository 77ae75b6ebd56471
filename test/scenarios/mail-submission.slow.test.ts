/**
 * People log in at both mail hosts to send, while some have moved: real Postfixes that ask real Dovecots (SASL), wired by
 * `mailferry config postfix` and `mailferry config dovecot` alone. Between the hosts goes TLS, and certificates are verified.
 */
import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mintPassword } from '../../src/app-passwords/token.ts';
import { MemoryControl } from '../fakes/memory-control.ts';
import { type KeyPair, labCertificates } from '../lab/certificates.ts';
import { logIn } from '../lab/log-in.ts';
import { domain, type MailHosts, startMailHosts } from './mail-hosts.ts';
import { bounces, placesOf, queuesEmpty, send } from './mail-traffic.ts';
import { until } from './worker-env.ts';

const at = (user: string) => `${user}@${domain}`;
const sides = ['old', 'new'] as const;
/** The first has moved, the second has not, and Mailferry does not know the third. */
const users = ['anna', 'bela', 'carl'];
/** What both Dovecots have of themselves. */
const loginOf = (name: string) => ({ name, password: `geheim-${name}` });
/** Anna's where Mailferry made her account: on new. */
const chosen = 'chosen on the page';
const minted = mintPassword();
const hashOf = (text: string) => `{SHA256}${createHash('sha256').update(text).digest('base64')}`;

let hosts: MailHosts;
/** Distinct for each message. */
let last = 0;

beforeAll(async () => {
  const controls = { old: new MemoryControl(), new: new MemoryControl() };
  const appPasswords = [
    {
      id: minted.id,
      hash: minted.hash,
      protocols: ['imap'],
      nets: ['127.0.0.0/8'],
      expiresAtMs: Date.now() + 3_600_000,
    },
  ];
  for (const side of sides) {
    const account = (hash: string | null) => ({
      appPasswords,
      ...(side === 'new' ? { user: { hash, quotaBytes: null } } : {}),
    });
    controls[side].put('anna', 'switched', [at('anna')], account(hashOf(chosen)));
    controls[side].put('bela', 'in-step', [at('bela')], { ...account(null), appPasswords: [] });
  }
  const extra = 'default_transport = discard:';
  hosts = await startMailHosts({
    controls,
    users,
    submission: true,
    more: {
      old: { chroot: true, extra, aliases: [`team@${domain} ${at('anna')}, ${at('bela')}`] },
      new: { chroot: true, extra },
    },
  });
}, 90_000);
afterAll(async () => {
  await hosts?.close();
}, 30_000);

/** What the host says to somebody who logs in with it and sends to himself. */
const sendAs = async (side: 'old' | 'new', name: string, password: string, port?: 'port 25') =>
  await send(hosts[side], ++last, {
    from: at(name),
    to: at(name),
    login: { name: at(name), password, ...(port === undefined ? {} : { at: port }) },
  });

/** What somebody sees who logs in to read. */
const reads = async (side: 'old' | 'new', user: string, password: string) =>
  await logIn('imap', { port: hosts[side].dovecot.imapPort, user, password });

test('the rows that a wrong password is not to pass by are in force', async () => {
  const marked = (side: string) => `in Subject: ${side}`;
  for (const side of sides)
    for (const user of users)
      await hosts[side].dovecot.doveadm(['save', '-u', user, '-m', 'INBOX'], `Subject: ${side}\r\n\r\nx\r\n`);
  // Who has moved is sent on by old, by their own password; the sync is not, by its own.
  expect(await reads('old', at('anna'), 'geheim-anna')).toBe(marked('new'));
  expect(await reads('old', at('bela'), 'geheim-bela')).toBe(marked('old'));
  expect(await reads('old', 'anna', minted.password.reveal())).toBe(marked('old'));
  expect(await reads('new', at('anna'), chosen)).toBe(marked('new'));
  expect(await reads('old', at('anna'), 'wrong')).toMatch(/fail/i);
  for (const side of sides)
    for (const user of users)
      await hosts[side].dovecot.doveadm(['expunge', '-u', user, 'mailbox', 'INBOX', 'all']);
});

describe.each(sides)('at %s', (side) => {
  test.each(users)(
    'a wrong password of %s is refused, whatever Mailferry knows of the account',
    async (user) => {
      const wrong = [
        'wrong',
        `geheim-${user === 'bela' ? 'anna' : 'bela'}`,
        // Good for the sync, which reads; and hashes that stand in the replica.
        minted.password.reveal(),
        minted.hash,
        hashOf(chosen),
        ...(side === 'new' && user === 'anna' ? [] : [chosen]),
      ];
      const refusals = await Promise.all([
        ...wrong.map(async (password) => await sendAs(side, user, password)),
        sendAs(side, user, 'wrong', 'port 25'),
      ]);
      for (const refusal of refusals) expect(refusal).toMatch(/^535 5\.7\.8/);
    },
  );

  test('nobody sends without having logged in', async () => {
    const { postfix } = hosts[side];
    const submission = { ...hosts[side], postfix: { ...postfix, port: postfix.submissionPort } };
    expect(await send(submission, ++last, { to: at('anna') })).toMatch(/^530 5\.7\.0 Must issue a STARTTLS/);
  });

  test.each([
    ['who has moved', 'anna'],
    ['who has not', 'bela'],
  ])('somebody %s writes to everybody, once each', async (_, user) => {
    const login = { ...loginOf(user), name: at(user) };
    const sent: [number, string, string[]][] = [
      [++last, at('anna'), ['new:anna']],
      [++last, at('bela'), ['old:bela']],
      // Old alone has it.
      [++last, `team@${domain}`, ['new:anna', 'old:bela']],
      [++last, `Anna+x@${domain}`, ['new:anna']],
    ];
    for (const [number, to] of sent)
      expect(await send(hosts[side], number, { from: at(user), to, login })).toBeNull();
    const both = ++last;
    expect(await send(hosts[side], both, { from: at(user), to: [at('anna'), at('bela')], login })).toBeNull();
    const abroad = `${user}-${side}@abroad.example`;
    expect(await send(hosts[side], ++last, { from: at(user), to: abroad, login })).toBeNull();
    await queuesEmpty(hosts);
    for (const [number, to, places] of sent)
      expect((await placesOf(hosts, users, number)).toSorted(), to).toEqual(places);
    expect((await placesOf(hosts, users, both)).toSorted()).toEqual(['new:anna', 'old:bela']);
    expect(hosts[side].postfix.log()).toMatch(new RegExp(`to=<${abroad}>.*relay=none.*status=sent`));
    expect(bounces(hosts)).toEqual([]);
  });
});

test('who has logged in may write at the usual port of new as well, which strangers may not', async () => {
  expect(await send(hosts.new, ++last, { to: at('bela') })).toMatch(/^450 4\.7\.1/);
  expect(await sendAs('new', 'bela', 'geheim-bela', 'port 25')).toBeNull();
  await queuesEmpty(hosts);
  expect(await placesOf(hosts, users, last)).toEqual(['old:bela']);
});

test('the password that was chosen for the account on new is good there', async () => {
  expect(await sendAs('new', 'anna', chosen)).toBeNull();
  await queuesEmpty(hosts);
  expect(await placesOf(hosts, users, last)).toEqual(['new:anna']);
});

/** A reload cuts the question that is under way, if there is one, and who sends is told to come again, as no mail program minds. */
async function sendAfterReload(
  side: (typeof sides)[number],
  user: string,
  password: string,
): Promise<string | null> {
  let answer: string | null = null;
  await until(20_000, async () => {
    answer = await sendAs(side, user, password);
    return answer?.includes('Connection lost to authentication server') !== true;
  });
  return answer;
}

test('without the replica right passwords of Dovecot itself are good where nobody is sent on, and wrong ones nowhere', async () => {
  for (const side of sides) {
    const { dovecot, edgeDirectory } = hosts[side];
    const replica = join(edgeDirectory, 'replica.sqlite');
    renameSync(replica, `${replica}.lost`);
    try {
      await dovecot.doveadm(['reload']);
      if (side === 'old') {
        // Where people are sent on, nobody is guessed to be here. Postfix has no other word for that than this one.
        expect(await reads(side, at('anna'), 'geheim-anna')).toContain('UNAVAILABLE');
        expect(await sendAfterReload(side, 'bela', 'geheim-bela')).toMatch(/^535 5\.7\.8/);
      } else expect(await sendAfterReload(side, 'bela', 'geheim-bela')).toBeNull();
      for (const user of users)
        expect(await sendAs(side, user, 'wrong')).toMatch(/^(535 5\.7\.8|454 4\.7\.0)/);
    } finally {
      renameSync(`${replica}.lost`, replica);
      await dovecot.doveadm(['reload']);
    }
  }
  await queuesEmpty(hosts);
  expect(bounces(hosts)).toEqual([]);
});

describe('towards the peer', () => {
  /** Of new; null: no TLS at all. */
  const present = async (pair: KeyPair | null) => {
    const { postfix } = hosts.new;
    const tls =
      pair === null
        ? ['smtpd_tls_security_level=none']
        : [
            'smtpd_tls_security_level=may',
            `smtpd_tls_cert_file=${pair.cert}`,
            `smtpd_tls_key_file=${pair.key}`,
          ];
    await postfix.run('postconf', '-e', ...tls);
    await postfix.run('postfix', 'reload');
  };
  const { mailHosts, foreignMailHosts, wrongHost } = labCertificates();

  test('goes nothing without a certificate that was verified', async () => {
    const number = ++last;
    expect(await send(hosts.old, number, { to: at('anna') })).toBeNull();
    await queuesEmpty(hosts);
    expect(await placesOf(hosts, users, number)).toEqual(['new:anna']);
    const log = hosts.old.postfix.log();
    expect(log).toMatch(/mailferry\/smtp\[\d+\]: Verified TLS connection established to new\.example/);
    expect(log).not.toMatch(/(Untrusted|Trusted|Anonymous) TLS connection established to new\.example/);
  });

  test('mail waits while new shows a certificate of others or none, and goes when it shows its own', async () => {
    const seen = hosts.new.postfix.log().length;
    const sent: number[] = [];
    for (const [pair, why] of [
      // For the right name, and signed by itself; by the right issuer, and for another name.
      [foreignMailHosts, /verification failed for new\.example.*self-signed certificate/],
      [wrongHost, /verification failed for new\.example.*hostname mismatch/],
      [null, /status=deferred \(TLS is required, but was not offered by/],
    ] as const) {
      await present(pair);
      const number = ++last;
      sent.push(number);
      const logged = hosts.old.postfix.log().length;
      expect(await send(hosts.old, number, { to: at('anna') })).toBeNull();
      await until(20_000, async () => why.test(hosts.old.postfix.log().slice(logged)));
    }
    expect(await hosts.old.postfix.queue()).toHaveLength(sent.length);
    expect(hosts.new.postfix.log().slice(seen)).not.toMatch(/cleanup/);
    for (const number of sent) expect(await placesOf(hosts, users, number)).toEqual([]);
    await present(mailHosts);
    await queuesEmpty(hosts);
    for (const number of sent) expect(await placesOf(hosts, users, number)).toEqual(['new:anna']);
    expect(bounces(hosts)).toEqual([]);
  });
});
