/**
 * Mail on two hosts while accounts are on both sides: real Postfixes and Dovecots, wired by `mailferry config postfix` alone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryControl } from '../fakes/memory-control.ts';
import { type MailReceiver, startMailReceiver } from '../lab/mail-receiver.ts';
import { configPostfix, domain, type MailHosts, startMailHosts, wiring } from './mail-hosts.ts';
import { bounces, placesOf, queuesEmpty, send } from './mail-traffic.ts';
import { until } from './worker-env.ts';

const at = (user: string) => `${user}@${domain}`;

/** Distinct for each test that looks for one. */
let last = 0;

describe('with one account moved and others not', () => {
  const users = ['anna', 'bela', 'two words', 'here still'];
  /** Domains of old whose every other address is somebody's. */
  const catchAll = ['to-anna.example', 'to-bela.example'];
  const sharedDomains = ['xn--bcher-kva.example', ...catchAll];
  let hosts: MailHosts;
  const control = new MemoryControl();
  /** Addresses elsewhere that got mail, and what. */
  const outside: { readonly to: string; readonly message: string }[] = [];
  let elsewhere: MailReceiver;
  const outsideOf = (number: number) =>
    outside
      .filter(({ message }) => message.includes(`This is number ${number}.`))
      .map(({ to }) => `outside:${to}`);

  beforeAll(async () => {
    for (const user of users) control.put(user, 'in-step');
    const inCatchAll = (user: string) => catchAll.map((name) => `${user}@${name}`);
    control.put('anna', 'switched', [at('anna'), at('ghost'), 'anna@bücher.example', ...inCatchAll('anna')]);
    control.put('bela', 'in-step', [at('bela'), ...inCatchAll('bela')]);
    control.put('two words', 'switched');
    elsewhere = await startMailReceiver(async (to, message) => outside.push({ to, message }));
    hosts = await startMailHosts({
      controls: { old: control, new: control },
      users,
      more: {
        old: {
          aliases: [
            `team@${domain} ${at('anna')}, ${at('bela')}`,
            `info@${domain} ${at('anna')}`,
            // A list whose members are on both sides and elsewhere; one of them is a list itself.
            `list@${domain} ${at('info')}, ${at('bela')}, "two words"@${domain}, member@abroad.example`,
            `left@${domain} forward@abroad.example`,
            `here.still@${domain} "here still"@${domain}, copy@abroad.example`,
            `two.words@${domain} "two words"@${domain}, copy@abroad.example`,
            // Whoever is there is no matter of the catch-all.
            ...catchAll.flatMap((name) => [
              ...['anna', 'bela'].map((user) => `${user}@${name} ${user}@${name}`),
              `@${name} ${at(name === 'to-anna.example' ? 'anna' : 'bela')}`,
            ]),
          ],
          otherDomains: sharedDomains,
          extra: `default_transport = smtp:[127.0.0.1]:${elsewhere.port}`,
        },
        // As for somebody who has logged in.
        new: {
          extra: 'mynetworks = 127.0.0.9/32\ndefault_transport = discard:',
          // The second is one that Mailferry knows nothing of.
          otherDomains: [...sharedDomains, 'other.example'],
        },
      },
    });
  }, 90_000);
  afterAll(async () => {
    await hosts?.close();
    await elsewhere?.stop();
  }, 30_000);

  test.each([
    ['a moved account', { to: at('anna') }, ['new:anna']],
    ['with an extension and capitals', { to: 'ANNA+News@Example.ORG' }, ['new:anna']],
    ['an account that has not moved', { to: at('bela') }, ['old:bela']],
    ['an alias of old with members on both sides', { to: `team@${domain}` }, ['new:anna', 'old:bela']],
    ['two recipients of one message', { to: [at('anna'), at('bela')] }, ['new:anna', 'old:bela']],
    ['a quoted local part', { to: `"two words"@${domain}` }, ['new:two words']],
    ['a domain with letters beyond ASCII', { to: 'anna@xn--bcher-kva.example' }, ['new:anna']],
    ['one of who has not moved', { to: `"here still"@${domain}` }, ['old:here still']],
    ['the null sender', { from: '', to: at('anna') }, ['new:anna']],
    [
      'a list with members on both sides and elsewhere',
      { to: at('list') },
      ['new:anna', 'new:two words', 'old:bela', 'outside:member@abroad.example'],
    ],
    ['a forward', { to: at('left') }, ['outside:forward@abroad.example']],
    [
      'a forward beside a mailbox that has moved',
      { to: at('two.words') },
      ['new:two words', 'outside:copy@abroad.example'],
    ],
    [
      'a forward beside one that has not',
      { to: at('here.still') },
      ['old:here still', 'outside:copy@abroad.example'],
    ],
    ['a catch-all whose account has moved', { to: 'any.body@to-anna.example' }, ['new:anna']],
    ['a catch-all whose account has not', { to: 'any.body+x@to-bela.example' }, ['old:bela']],
    ['who has not moved, beside a catch-all', { to: 'bela+x@to-anna.example' }, ['old:bela']],
    ['who has moved, beside a catch-all', { to: 'anna+x@to-bela.example' }, ['new:anna']],
  ] as const)('mail at old for %s goes where the mailbox lives', async (_, sending, places) => {
    const number = ++last;
    expect(await send(hosts.old, number, sending)).toBeNull();
    await queuesEmpty(hosts);
    const lies = [...(await placesOf(hosts, users, number)), ...outsideOf(number)];
    expect(lies.toSorted()).toEqual([...places].toSorted());
    expect(bounces(hosts)).toEqual([]);
  });

  test.each([
    ['a colleague who has not moved', { to: at('bela') }, ['old:bela']],
    ['a colleague who has moved', { to: at('anna') }, ['new:anna']],
    ['an alias that only old knows, whose member has moved', { to: `info@${domain}` }, ['new:anna']],
    ['an alias that only old knows', { to: `team@${domain}` }, ['new:anna', 'old:bela']],
    [
      'a list that only old knows',
      { to: at('list') },
      ['new:anna', 'new:two words', 'old:bela', 'outside:member@abroad.example'],
    ],
    ['a catch-all whose account has moved', { to: 'whoever@to-anna.example' }, ['new:anna']],
    ['a catch-all whose account has not', { to: 'whoever@to-bela.example' }, ['old:bela']],
  ] as const)('somebody who has logged in at new writes to %s', async (_, sending, places) => {
    const number = ++last;
    expect(await send(hosts.new, number, { ...sending, source: '127.0.0.9' })).toBeNull();
    await queuesEmpty(hosts);
    const lies = [...(await placesOf(hosts, users, number)), ...outsideOf(number)];
    expect(lies.toSorted()).toEqual([...places].toSorted());
  });

  test('who has moved and is named twice gets two copies, and one where old tells names of one mailbox apart no more', async () => {
    const { postfix } = hosts.old;
    const copies = async (named: string) => {
      const number = ++last;
      expect(await send(hosts.old, number, { to: [at(named), at('team')] })).toBeNull();
      await queuesEmpty(hosts);
      return (await placesOf(hosts, users, number)).toSorted();
    };
    // Dovecot makes one of those that come in one transaction.
    expect(await copies('bela')).toEqual(['new:anna', 'old:bela']);
    expect(await copies('anna')).toEqual(['new:anna', 'new:anna', 'old:bela']);
    await postfix.run('postconf', '-e', 'enable_original_recipient=no');
    await postfix.run('postfix', 'reload');
    expect(await copies('anna')).toEqual(['new:anna', 'old:bela']);
    await postfix.run('postconf', '-X', 'enable_original_recipient');
    await postfix.run('postfix', 'reload');
  });

  test('an address that nobody has is refused at RCPT, on either side, and never bounced', async () => {
    const nobody = { to: `nobody@${domain}` };
    expect(await send(hosts.old, ++last, nobody)).toMatch(/^550 5\.1\.1/);
    expect(await send(hosts.new, ++last, { ...nobody, source: '127.0.0.9' })).toMatch(/^550 5\.1\.1/);
    expect(bounces(hosts)).toEqual([]);
  });

  test('only what Mailferry does not know is asked for at old, and no domain below those it knows', async () => {
    const source = '127.0.0.9';
    const number = ++last;
    expect(await send(hosts.new, number, { to: [at('bela'), 'x@lists.example.org'], source })).toBeNull();
    expect(await send(hosts.new, ++last, { to: `info@${domain}`, source })).toBeNull();
    await queuesEmpty(hosts);
    const asked = hosts.new.postfix.log().matchAll(/to=<([^>]*)>.* status=(?:un)?deliverable/g);
    const all = new Set([...asked].map(([, to]) => to));
    expect(all).toContain(at('info'));
    for (const to of [at('anna'), at('bela'), 'x@lists.example.org']) expect(all).not.toContain(to);
  });

  test('an account whose mailbox is not there yet gets its mail later, and nobody a bounce', async () => {
    const { postfix } = hosts.new;
    expect(await send(hosts.new, ++last, { to: at('ghost'), source: '127.0.0.9' })).toBeNull();
    await until(10_000, async () => /to=<ghost@.*status=deferred/.test(postfix.log()));
    expect(bounces(hosts)).toEqual([]);
    await postfix.run('postsuper', '-d', 'ALL');
  });

  test('new is open all the same for domains that are its own alone', async () => {
    const number = ++last;
    expect(await send(hosts.new, number, { to: 'bela@other.example' })).toBeNull();
    await queuesEmpty(hosts);
    expect(await placesOf(hosts, users, number)).toEqual(['new:bela']);
  });

  test('until the cutover new takes no mail of strangers, and neither host relays for them or for its peer', async () => {
    expect(await send(hosts.new, ++last, { to: at('anna') })).toMatch(/^450 4\.7\.1/);
    const abroad = { to: 'somebody@abroad.example' };
    const { old, new: fresh } = hosts;
    expect(await send(old, ++last, abroad)).toMatch(/Relay access denied/);
    expect(await send(fresh, ++last, abroad)).toMatch(/^4(50|54) /);
    expect(await send(old, ++last, { ...abroad, source: fresh.postfix.address })).toMatch(
      /Relay access denied/,
    );
    expect(await send(fresh, ++last, { ...abroad, source: old.postfix.address })).toMatch(
      /Relay access denied/,
    );
    // Nor where the way abroad is written into an address of ours.
    const hidden = [
      `somebody%abroad.example@${domain}`,
      `"somebody@abroad.example"@${domain}`,
      `abroad.example!somebody@${domain}`,
      `@${domain}:somebody@abroad.example`,
      'somebody%abroad.example@to-anna.example',
      'somebody@abroad.example@to-anna.example',
    ];
    for (const to of hidden) {
      for (const host of [old, fresh]) {
        const peer = host === old ? fresh : old;
        const helo = `mailferry-relay.${peer.side}.example`;
        for (const from of [{}, { source: peer.postfix.address }, { source: peer.postfix.address, helo }])
          expect([to, host.side, from, await send(host, ++last, { to, ...from })]).toEqual([
            to,
            host.side,
            from,
            expect.stringMatching(/^[45]\d\d /),
          ]);
      }
    }
    // What is only said in the greeting is nobody's word.
    const helo = 'mailferry-relay.old.example';
    expect(await send(fresh, ++last, { to: at('anna'), helo })).toMatch(/^450 4\.7\.1/);
  });

  test('what was put in force is so already, and is taken back to what was before', {
    timeout: 180_000,
  }, async () => {
    const { postfix, edgeDirectory } = hosts.new;
    const place = ['--config-directory', postfix.configDirectory];
    const same = wiring(hosts.new, hosts.old.postfix);
    expect(await configPostfix(...same, '--apply')).toMatch(/nothing was changed/);
    const all = async () => [
      await postfix.run('postconf', '-n'),
      await postfix.run('postconf', '-M'),
      await postfix.run('postconf', '-P'),
    ];
    const inForce = await all();
    // Somebody else goes on with it meanwhile.
    await postfix.run(
      'postconf',
      '-e',
      'smtpd_client_restrictions=reject_unknown_client_hostname, permit_mynetworks',
    );
    expect(await configPostfix(...place, '--undo', '--dry-run')).toMatch(/Nothing was changed/);
    await configPostfix(...place, '--undo');
    const [main = '', master = ''] = await all();
    expect(main).not.toMatch(/mailferry/);
    expect(main).not.toContain(edgeDirectory);
    expect(master).not.toMatch(/mailferry/);
    expect(main).toMatch(/^smtpd_client_restrictions = reject_unknown_client_hostname, permit_mynetworks$/m);
    expect(main).not.toMatch(/local_recipient_maps|unverified_recipient|transport_maps/);
    await postfix.run('postconf', '-X', 'smtpd_client_restrictions');
    await configPostfix(...same, '--apply');
    expect(await all()).toEqual(inForce);
    await postfix.run('postfix', 'reload');
  });
});

describe('with letters beyond ASCII in local parts', () => {
  const users = ['nähe', 'bela'];
  const control = new MemoryControl();
  /** Dovecot 2.3 takes none of these by LMTP: `side:recipient`. */
  const taken: string[] = [];
  let hosts: MailHosts;
  const receivers: MailReceiver[] = [];

  beforeAll(async () => {
    control.put('nähe', 'switched', [`nähe@${domain}`, 'nähe@bücher.example']);
    control.put('bela', 'in-step');
    const otherDomains = ['xn--bcher-kva.example', 'bücher.example'];
    const part = async (side: string) => {
      const receiver = await startMailReceiver(async (to) => void taken.push(`${side}:${to}`), {
        lmtp: true,
      });
      receivers.push(receiver);
      return { otherDomains, lmtpPort: receiver.port };
    };
    const more = {
      // Whom it relays for stands at another place than by default; and its own mail is rewritten on the way out.
      old: {
        ...(await part('old')),
        extra:
          'smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n' +
          'smtp_generic_maps = static:wrong@abroad.example',
      },
      new: await part('new'),
    };
    hosts = await startMailHosts({
      open: true,
      controls: { old: control, new: control },
      users: ['bela'],
      mailboxes: users,
      more,
    });
  }, 90_000);
  afterAll(async () => {
    await hosts?.close();
    for (const receiver of receivers) await receiver.stop();
  }, 30_000);

  test.each(['nähe@example.org', 'NÄHE@bücher.example', 'nähe@xn--bcher-kva.example', 'nähe+x@example.org'])(
    'mail for %s is relayed as it is',
    async (to) => {
      taken.length = 0;
      expect(await send(hosts.old, ++last, { to })).toBeNull();
      await queuesEmpty(hosts);
      expect(taken).toHaveLength(1);
      expect(taken[0]?.toLowerCase()).toMatch(/^new:nähe(\+x)?@/);
      expect(bounces(hosts)).toEqual([]);
    },
  );

  test('new takes mail of strangers when it is open, and neither host relays for its peer', async () => {
    const { old, new: fresh } = hosts;
    taken.length = 0;
    expect(await send(fresh, ++last, { to: 'nähe@example.org' })).toBeNull();
    await queuesEmpty(hosts);
    expect(taken).toEqual(['new:nähe@example.org']);
    const abroad = { to: 'somebody@abroad.example' };
    for (const [host, peer] of [
      [old, fresh],
      [fresh, old],
    ] as const) {
      const source = peer.postfix.address;
      expect(await send(host, ++last, abroad)).toMatch(/Relay access denied/);
      expect(await send(host, ++last, { ...abroad, source })).toMatch(/Relay access denied/);
      const helo = `mailferry-relay.${peer.side}.example`;
      expect(await send(host, ++last, { ...abroad, source, helo })).toMatch(/Relay access denied/);
    }
  });
});

describe.each([
  ['table', false],
  ['socketmap', true],
] as const)('while the two edges disagree, by %s', (_, socketmap) => {
  const users = ['anna', 'bela'];
  const controls = { old: new MemoryControl(), new: new MemoryControl() };
  let hosts: MailHosts;

  beforeAll(async () => {
    // Each believes that the other has them.
    for (const user of users) {
      controls.old.put(user, 'switched');
      controls.new.put(user, 'in-step');
    }
    const outside = 'default_transport = discard:';
    hosts = await startMailHosts({
      controls,
      users,
      socketmap,
      more: {
        // Webmail on new hands its mail to old.
        old: { chroot: true, extra: `mynetworks = 127.0.0.3/32\n${outside}` },
        new: {
          chroot: true,
          aliases: [`${at('bela')} ${at('bela')}, phone@abroad.example`],
          // A filter that is away puts off all mail that it has to see.
          extra:
            `mynetworks = 127.0.0.9/32\n${outside}\nsmtpd_milters = inet:127.0.0.1:1\n` +
            'smtpd_milter_maps = cidr:{{127.0.0.9/32 DISABLE}}',
        },
      },
    });
  }, 90_000);
  afterAll(async () => {
    await hosts?.close();
  }, 30_000);

  test('mail is delivered at the second host, and never loops, waits or bounces', async () => {
    const [one, two] = [++last, ++last];
    expect(await send(hosts.old, one, { to: at('anna') })).toBeNull();
    expect(await send(hosts.new, two, { to: at('anna'), source: '127.0.0.9' })).toBeNull();
    await queuesEmpty(hosts, 5_000);
    expect(await placesOf(hosts, users, one)).toEqual(['new:anna']);
    expect(await placesOf(hosts, users, two)).toEqual(['old:anna']);
    expect(bounces(hosts)).toEqual([]);
  });

  test('what else the peer sends is treated as ever: other recipients of a message go where they belong', async () => {
    const number = ++last;
    const source = hosts.new.postfix.address;
    expect(await send(hosts.old, number, { to: [at('anna'), 'friend@abroad.example'], source })).toBeNull();
    await queuesEmpty(hosts, 10_000);
    expect(await placesOf(hosts, users, number)).toEqual(['new:anna']);
    expect(hosts.old.postfix.log()).toMatch(
      /to=<friend@abroad\.example>.*postfix\/discard|discard.*to=<friend@abroad\.example>.*status=sent/,
    );
    expect(bounces(hosts)).toEqual([]);
  });

  test('a forward beside a mailbox waits meanwhile, and goes when it is queued anew', async () => {
    const number = ++last;
    const { postfix } = hosts.new;
    expect(await send(hosts.old, number, { to: at('bela') })).toBeNull();
    await until(10_000, async () => /to=<phone@abroad\.example>.*status=deferred/.test(postfix.log()));
    expect(await placesOf(hosts, users, number)).toEqual(['new:bela']);
    expect(bounces(hosts)).toEqual([]);
    // Both sides agree meanwhile.
    controls.new.put('bela', 'switched');
    await until(10_000, async () => controls.new.inForce === controls.new.latest);
    await postfix.run('postsuper', '-r', 'ALL');
    await queuesEmpty(hosts, 20_000);
    expect(postfix.log()).toMatch(/to=<phone@abroad\.example>.*status=sent/);
    expect(await placesOf(hosts, users, number)).toEqual(['new:bela']);
  });
});
