import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Secret } from '../../src/base/secret.ts';
import { openImapStore } from '../../src/remote/imap/index.ts';
import { oauthbearer } from '../../src/wire/sasl/oauthbearer.ts';
import type { Credentials } from '../../src/sync/mail-store.ts';
import { labCaPem } from '../lab/certificates.ts';
import { Caller } from './caller.ts';
import { type Dialogue, readDialogue } from './dialogue.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const user = 'anna@old.example';
const defaultPassword = 'canary-S3cret';
const token = 'canary-t0ken';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

interface Login {
  readonly user: string;
  readonly password: string;
  readonly authUser: string | null;
}

function loginOf(settings: Dialogue['settings']): Login {
  // Words of a file are bytes; a password is text.
  const password = Buffer.from(settings.password ?? defaultPassword, 'latin1').toString('utf8');
  return { user: settings.user ?? user, password, authUser: settings.authuser ?? null };
}

/** What `$name` stands for in the lines of a dialogue. */
function valuesOf(login: Login, port: number): Record<string, string> {
  const bearer = oauthbearer({ user: login.user, token, host: '127.0.0.1', port });
  return {
    plain: base64(
      `${login.authUser === null ? '' : login.user}\0${login.authUser ?? login.user}\0${login.password}`,
    ),
    user: login.user,
    password: login.password,
    token,
    xoauth: base64(`user=${login.user}\x01auth=Bearer ${token}\x01\x01`),
    bearer: Buffer.from(bearer).toString('base64'),
    port: String(port),
  };
}

const onBehalfOf = (text: string) => (text === 'proxyauth' ? text : { login: text });

function openStore(settings: Dialogue['settings'], server: ScriptedServer) {
  const login = loginOf(settings);
  const credentials: Credentials =
    settings.token === undefined
      ? {
          kind: 'password',
          user: login.user,
          authUser: login.authUser,
          password: new Secret(login.password),
          ...(settings.onbehalf === undefined ? {} : { onBehalf: onBehalfOf(settings.onbehalf) }),
        }
      : {
          kind: 'token',
          user: login.user,
          mechanism: settings.token === 'any' ? null : (settings.token as 'XOAUTH2'),
          token: new Secret(token),
        };
  return openImapStore({
    side: settings.side === 'new' ? 'new' : 'old',
    host: '127.0.0.1',
    port: server.port,
    security: 'starttls',
    allowPlaintext: settings.plaintext !== 'no',
    trust: { caPem: labCaPem(), fingerprintsSha256: [] },
    credentials,
    authMechanism: (settings.auth as 'PLAIN' | undefined) ?? null,
    clock: systemClock,
    connectTimeoutMs: Number(settings.connect ?? 3000),
    idleTimeoutMs: Number(settings.idle ?? 3000),
    ...(settings.drip === undefined ? {} : { dripWindowMs: Number(settings.drip) }),
    ...(settings.watch === undefined ? {} : { watchEveryMs: Number(settings.watch) }),
    allNamespaces: settings.namespaces === 'all',
  });
}

/** The password and the token in every form in which they cross the wire. */
function secretsOf(login: Login): string[] {
  const { plain, xoauth, bearer } = valuesOf(login, 0);
  const escaped = login.password.replaceAll(/["\\]/g, '\\$&');
  return [
    login.password,
    escaped,
    base64(login.password),
    token,
    base64(token),
    plain,
    xoauth,
    bearer,
  ].filter((secret): secret is string => secret !== undefined);
}

const here = import.meta.dirname;
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.dialogue'))
  .sort();

describe.concurrent('dialogues', () => {
  for (const file of files) {
    const dialogue = readDialogue(join(here, file));
    test(`${file}: ${dialogue.title}`, { timeout: 15_000 }, async () => {
      const login = loginOf(dialogue.settings);
      const server = await startScriptedServer({
        path: relative(process.cwd(), join(here, file)),
        connections: dialogue.connections,
        values: (port) => valuesOf(login, port),
      });
      const caller = new Caller(openStore(dialogue.settings, server));
      let differences: string[];
      try {
        differences = await caller.run(dialogue.client);
      } finally {
        caller.release();
        await server.played();
        await server.stop();
      }
      expect([...server.faults, ...differences].join('\n')).toBe('');
      for (const secret of secretsOf(login)) {
        expect(caller.everything.filter((text) => text.includes(secret))).toEqual([]);
      }
    });
  }
});
