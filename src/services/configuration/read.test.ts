import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleConfiguration } from './example.ts';
import { faultText } from './faults.ts';
import { readConfiguration } from './read.ts';

const hosts = '[old]\nhost = "old.example.org"\n[new]\nhost = "new.example.org"\n';
const noFile = (path: string): string => {
  throw new Error(`no such file: ${path}`);
};
const faults = (toml: string, environment = {}, readFile = noFile) => {
  const result = readConfiguration(toml, environment, readFile);
  return result.ok ? [] : result.faults.map((fault) => faultText('m.toml', fault));
};
const value = (toml: string, environment = {}, readFile = noFile) => {
  const result = readConfiguration(toml, environment, readFile);
  if (!result.ok) throw new Error(result.faults.map((fault) => faultText('m.toml', fault)).join('\n'));
  return result.value;
};

describe('a configuration', () => {
  it('needs only the two hosts', () => {
    expect(value(hosts).configuration).toMatchObject({
      worker: { copies_at_once: 8 },
      old: { host: 'old.example.org', tls: 'implicit', limits: { connections: 50 } },
    });
  });

  it('is what the example prints', () => {
    expect(value(exampleConfiguration()).configuration).toEqual(value(hosts).configuration);
  });

  it.each([
    ['a typing error', `${hosts}prot = 3\n`, 'm.toml:5: new.prot: is not a key here; did you mean port?'],
    [
      'an unknown table',
      `${hosts}[nothing]\n`,
      'm.toml:5: nothing: is not a key here; known are database, secrets',
    ],
    [
      'a number out of range',
      `${hosts}port = 70000\n`,
      'm.toml:5: new.port: is not allowed: has to be a whole number from 1 to 65535',
    ],
    [
      'another type',
      `${hosts}allow_plaintext = "yes"\n`,
      'm.toml:5: new.allow_plaintext: is not allowed: has to be true or false',
    ],
    [
      'a word that is not one of those',
      `${hosts}tls = "ssl"\n`,
      'new.tls: is not allowed: has to be "implicit" or "starttls" or "none"',
    ],
    [
      'an edge inside that knows no peer',
      `${hosts}[old.edge]\ndirectory = "/var/lib/mailferry/edge"\n`,
      'old.edge.peer: has to be given where directory is',
    ],
    [
      'a peer without an edge',
      `${hosts}[new.edge]\npeer = "old.example.org"\n`,
      'new.edge.directory: has to be given',
    ],
    [
      'a port that is none',
      `${hosts}[new.edge]\ndirectory = "/e"\npeer = "old.example.org:70000"\n`,
      'new.edge.peer: has no such port',
    ],
    [
      'two edges in one directory',
      `${hosts}[old.edge]\ndirectory = "/e"\npeer = "a"\n[new.edge]\ndirectory = "/e"\npeer = "b"\n`,
      'new.edge.directory: is that of old.edge',
    ],
    [
      'a proxy that is no address',
      `[control]\ntrusted_proxies = ["10.0.0.300"]\n${hosts}`,
      'control.trusted_proxies',
    ],
    [
      'proxies that are everybody',
      `[control]\ntrusted_proxies = ["::/0"]\n${hosts}`,
      'would trust everybody',
    ],
    [
      'a missing key, at its table',
      '[old]\nport = 1\n[new]\nhost = "n"\n',
      'm.toml:1: old.host: is missing: a text',
    ],
    ['a missing table', '[new]\nhost = "n"\n', 'm.toml: old: is missing: a table'],
    ['what is no TOML', `${hosts}port = \n`, 'm.toml:5: column'],
    [
      'clear text to another machine',
      `${hosts}tls = "none"\n`,
      'm.toml:5: new.tls: "none" sends passwords in clear text',
    ],
    [
      'half a window',
      `${hosts}[new.limits]\nwindow_from = "22:00"\n`,
      'm.toml:6: new.limits.window_from: window_from and window_to go together',
    ],
    [
      'a time that is none',
      `${hosts}[new.limits]\nwindow_from = "24:00"\n`,
      'm.toml:6: new.limits.window_from: is not allowed: has to be a time of day like "22:00"',
    ],
    ...['nonsense', '127.0.0.1', ':8420', 'http://127.0.0.1:8420', '::1:8420', '127.0.0.1:65536'].map(
      (listen): [string, string, string] => [
        `${listen} to listen on`,
        `[control]\nlisten = "${listen}"\n${hosts}`,
        'm.toml:2: control.listen: is not allowed: has to be an address with a port, as "127.0.0.1:8420"',
      ],
    ),
    [
      'a password in a URL',
      `[database]\nurl = "postgres://m:geheim@db/m"\n${hosts}`,
      'm.toml:2: database.url: has a password in it',
    ],
    [
      'settings for mail programs that cannot send',
      `${hosts}[mail_programs.imap]\nhost = "imap.example.org"\n`,
      'm.toml:6: mail_programs.imap.host: needs submission.host beside it',
    ],
    [
      'POP3 alone',
      `${hosts}[mail_programs.pop3]\nhost = "pop.example.org"\n`,
      'm.toml:6: mail_programs.pop3.host: needs mail_programs.imap.host beside it',
    ],
    [
      'a host that is an address of the web',
      `${hosts}[mail_programs.imap]\nhost = "https://imap.example.org"\n`,
      'm.toml:6: mail_programs.imap.host: is not allowed: has to be a host name like "imap.example.org"',
    ],
    [
      'clear text for people',
      `${hosts}[mail_programs.imap]\nsecurity = "none"\n`,
      'm.toml:6: mail_programs.imap.security: is not allowed: has to be "implicit" or "starttls"',
    ],
    [
      'a secret twice',
      `${hosts}master_password = "a"\nmaster_password_file = "b"\n`,
      'm.toml:6: new.master_password_file: stands beside master_password',
    ],
    [
      'a secret’s file that is not there',
      `${hosts}master_password_file = "b"\n`,
      'm.toml:5: new.master_password_file: b cannot be read: no such file: b',
    ],
  ])('with %s is refused, and says where and what is allowed', (_, toml, text) => {
    expect(faults(toml).join('\n')).toContain(text);
  });

  it.each(['127.0.0.1:0', '0.0.0.0:8420', '[::1]:65535', 'localhost:443'])('may listen on %s', (listen) => {
    expect(value(`[control]\nlisten = "${listen}"\n${hosts}`).configuration.control.listen).toBe(listen);
  });

  it('names all faults at once, in the order of the file', () => {
    expect(
      faults('[old]\nport = 0\nhost = 1\n[new]\nhots = "n"\n').map((line) => line.split(':')[1]),
    ).toEqual(['2', '3', '4', '5']);
  });

  it('is overridden by the environment, as text, number or list', () => {
    const { configuration } = value(hosts, {
      MAILFERRY__NEW__HOST: '12',
      MAILFERRY__OLD__LIMITS__CONNECTIONS: '7',
      MAILFERRY__OLD__TLS_FINGERPRINTS: `["${'ab'.repeat(32)}"]`,
      MAILFERRY_FROM_PASSWORD: 'another thing',
    });
    expect(configuration.new.host).toBe('12');
    expect(configuration.old.limits.connections).toBe(7);
    expect(configuration.old.tls_fingerprints).toEqual(['ab'.repeat(32)]);
  });

  it('names the variable that is wrong', () => {
    expect(faults(hosts, { MAILFERRY__OLD__PORT: 'abc' })).toEqual([
      'MAILFERRY__OLD__PORT: old.port: is not allowed: has to be a whole number from 1 to 65535',
    ]);
    expect(faults(hosts, { MAILFERRY____PROTO____X: '1' }).length).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('keeps secrets out of what can be printed, wherever they came from', () => {
    const read = value(
      `${hosts}master_password_file = "p"\n[database]\npassword = "canary-in-toml"\n`,
      { MAILFERRY__OLD__MASTER_PASSWORD: 'canary-in-env' },
      () => 'canary-in-file\n',
    );
    expect([...read.secrets].map(([key, secret]) => [key, secret.reveal()])).toEqual([
      ['database.password', 'canary-in-toml'],
      ['old.master_password', 'canary-in-env'],
      ['new.master_password', 'canary-in-file'],
    ]);
    expect(JSON.stringify(read) + inspect(read, { depth: 9 })).not.toContain('canary');
  });

  it('never throws on any text, and never tells a secret in a fault', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        readConfiguration(text, {}, noFile);
        const told = faults(`${hosts}master_password = "canary"\nx = ${JSON.stringify(text)}\n`).join('\n');
        expect(told).not.toContain('canary');
      }),
    );
  });
});
