import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAccount } from '../judge/imap-raw.ts';
import { judge } from '../judge/invariants.ts';
import { type ChaosProxy, startChaosProxy } from '../lab/chaos-proxy.ts';
import { type Dovecot, dovecotIsInstalled, startDovecot } from '../lab/dovecot.ts';
import { fillWorkload, workloadUsers } from '../lab/workload.ts';
import { randomFrom } from './random-script.ts';

const program = new URL('./copy-process.ts', import.meta.url).pathname;
const kills = 10;

describe.skipIf(!dovecotIsInstalled())(
  'a process that is killed (kill -9) and started again (needs Dovecot)',
  () => {
    let old: Dovecot;
    let fresh: Dovecot;
    /** Before old: writes down what is sent to it. */
    let proxy: ChaosProxy;
    let dir: string;
    const users = workloadUsers('W1');

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'mailferry-kill-'));
      [old, fresh] = await Promise.all([
        startDovecot({ users, tls: false }),
        startDovecot({ users, tls: false }),
      ]);
      proxy = await startChaosProxy({ target: { host: '127.0.0.1', port: old.imapPort }, rules: [] });
      fillWorkload(old, { name: 'W1', scale: 0.06, corpora: false });
    });

    afterAll(async () => {
      await proxy?.stop();
      await Promise.all([old?.stop(), fresh?.stop()]);
      rmSync(dir, { recursive: true, force: true });
    });

    const start = () => {
      const user = users[0] ?? { name: '', password: '' };
      const login = (port: number) => ({ port, user: user.name, password: user.password });
      const order = {
        old: login(proxy.port),
        fresh: login(fresh.imapPort),
        settleGraceMs: 1000,
        idleTimeoutMs: 20_000,
        dripWindowMs: 10_000,
        stateFile: join(dir, 'state.sqlite'),
        // Small batches and windows: more moments at which something is under way.
        tuning: { batchMessages: 12, windowMessages: 40, streamAboveBytes: 8 * 1024 },
      };
      const child = spawn(process.execPath, [program, JSON.stringify(order)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      let progress: () => void = () => {};
      child.stdout.on('data', (chunk) => {
        output += chunk;
        progress();
      });
      child.stderr.on('data', (chunk) => (output += chunk));
      return {
        child,
        output: () => output,
        last: () => output.trim().split('\n').at(-1) ?? '',
        /** Resolves when so many batches were settled. */
        settled: (batches: number) =>
          new Promise<void>((resolve) => {
            progress = () => {
              if (output.split('progress').length > batches) resolve();
            };
            progress();
          }),
      };
    };

    it('copies every message once, whenever it is killed', async () => {
      const user = users[0] ?? { name: '', password: '' };
      const at = (server: Dovecot) => ({ port: server.imapPort, user: user.name, password: user.password });
      const oldBefore = await readAccount(at(old));
      const random = randomFrom(20_261_124);
      let killed = 0;
      for (let i = 0; i < kills; i++) {
        const { child, settled } = start();
        const ended = once(child, 'exit');
        // Soon after a start, or within a batch behind the third at the latest.
        const batches = Math.floor(random() * 4);
        await Promise.race([settled(batches), ended]);
        const timer = setTimeout(() => child.kill('SIGKILL'), random() * (batches === 0 ? 500 : 15));
        const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
        clearTimeout(timer);
        if (signal === 'SIGKILL') killed++;
      }
      const last = start();
      const [code] = (await once(last.child, 'exit')) as [number | null];
      expect(code, last.output()).toBe(0);
      expect(killed).toBeGreaterThan(5);
      const commandsToOld = proxy.connections.flatMap((c) => c.commands);
      const violations = judge({
        oldBefore,
        oldAfter: await readAccount(at(old)),
        newAfter: await readAccount(at(fresh)),
        ignoredFlags: ['\\deleted'],
        keepsZone: false,
        commandsToOld,
      });
      expect(violations).toEqual([]);
      // They were seen at all.
      expect(commandsToOld.filter((command) => command.startsWith('EXAMINE')).length).toBeGreaterThan(kills);
      const again = start();
      await once(again.child, 'exit');
      expect(JSON.parse(again.last()).messages.copied, again.output()).toBe(0);
    }, 180_000);
  },
);
