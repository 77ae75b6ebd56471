/** The edge as operators run it: a code, an enrolment, a process of its own, and changes that come into force. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { changePhase } from '../../src/state/database/accounts.ts';
import { mailferry, type Running, startMailferry } from '../interop/mailferry.ts';
import { type ControlEnv, startControlFor } from './control-env.ts';
import { describeOnBoth } from './database-env.ts';

describeOnBoth('an edge', (env) => {
  let dir: string;
  let control: ControlEnv;
  let edge: Running | null = null;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mf-edge-process-'));
    stopped = false;
    control = await startControlFor(env.database);
    await control.call(
      'POST',
      '/api/v1/accounts/import',
      'address,aliases\nanna@example.org,a@example.org\nbela@example.org,\n',
    );
  });
  afterEach(async () => {
    edge?.kill('SIGKILL');
    await edge?.done;
    edge = null;
    await stopControl();
    rmSync(dir, { recursive: true });
  });

  let stopped = false;
  const stopControl = async () => {
    if (!stopped) await control.close();
    stopped = true;
  };
  const directory = () => join(dir, 'edge');
  const asOperator = () => ({ MAILFERRY_API: control.url, MAILFERRY_TOKEN_FILE: control.tokenFile });
  const switchOver = async (address: string) => {
    const { body } = await control.call('GET', `/api/v1/accounts/${address}`);
    for (const event of ['start', 'agree', 'switch', 'commit'] as const)
      await changePhase(env.database.db, { accountId: String(body.id), event, actor: 'test' });
  };
  const route = (address: string) => {
    try {
      return execFileSync('postmap', ['-q', address, `lmdb:${join(directory(), 'transport')}`], {
        encoding: 'utf8',
      }).trim();
    } catch {
      return null;
    }
  };
  const enrol = async () => {
    const added = await mailferry(['edge', 'add', 'mx1', '--side', 'old', '--json'], asOperator());
    const { code } = JSON.parse(added.stdout) as { code: string };
    writeFileSync(join(dir, 'code'), `${code.toLowerCase()}\n`);
    const args = [
      'edge',
      'enrol',
      '--control',
      control.url,
      '--code-file',
      join(dir, 'code'),
      '--directory',
      directory(),
    ];
    return await mailferry(args, {});
  };
  const start = async (...more: string[]) => {
    edge = startMailferry(
      ['edge', 'run', '--side', 'old', '--peer', 'new.example', '--directory', directory(), ...more],
      {},
    );
    await edge.printed('"ready"');
  };
  const inForce = async () => {
    const { stdout } = await mailferry(['edge', 'list', '--json'], asOperator());
    const { epoch, latest } = JSON.parse(stdout.trim().split('\n')[0] ?? '{}') as {
      epoch: number;
      latest: number;
    };
    return epoch === latest;
  };

  it('enrols once, and brings each change into force, without its control too', async () => {
    expect((await enrol()).code).toBe(0);
    expect(statSync(join(directory(), 'edge.json')).mode & 0o777).toBe(0o600);
    await start();
    await expect.poll(inForce, { timeout: 20_000 }).toBe(true);
    expect(route('anna@example.org')).toBeNull();
    await switchOver('anna@example.org');
    await expect
      .poll(() => route('anna@example.org'), { timeout: 20_000 })
      .toBe('mailferry:[new.example]:25');
    await expect.poll(() => route('a@example.org')).toBe('mailferry:[new.example]:25');
    await expect.poll(inForce, { timeout: 20_000 }).toBe(true);
    expect(route('bela@example.org')).toBeNull();

    // A second one on the same place would write the same table.
    const second = await mailferry(
      ['edge', 'run', '--side', 'old', '--peer', 'new.example', '--directory', directory()],
      {},
    );
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('the replica')]);

    edge?.kill('SIGTERM');
    expect((await edge?.done)?.code).toBe(0);
    await stopControl();
    rmSync(join(directory(), 'transport.lmdb'));
    await start();
    await expect
      .poll(() => route('anna@example.org'), { timeout: 20_000 })
      .toBe('mailferry:[new.example]:25');
  });

  it('answers Postfix by socketmap, and is no more when it is removed', async () => {
    await enrol();
    // Postfix asks as a user of its own.
    const { uid, gid } = statSync('/var/lib/postfix');
    chmodSync(dir, 0o755);
    const socket = join(dir, 'socketmap');
    await start('--no-table', '--socketmap', socket, '--delimiters', '+');
    await switchOver('anna@example.org');
    const ask = () =>
      execFileSync('postmap', ['-q', 'ANNA+x@example.org', `socketmap:unix:${socket}:transport`], {
        encoding: 'utf8',
        uid,
        gid,
      }).trim();
    const answer = () => {
      try {
        return ask();
      } catch {
        return null;
      }
    };
    await expect.poll(answer, { timeout: 20_000 }).toBe('mailferry:[new.example]:25');
    expect(existsSync(join(directory(), 'transport.lmdb'))).toBe(false);
    const { stdout } = await mailferry(['edge', 'list', '--json'], asOperator());
    const { id } = JSON.parse(stdout) as { id: string };
    expect((await mailferry(['edge', 'remove', id], asOperator())).code).toBe(0);
    await edge?.printed('not in force');
    expect(answer()).toBe('mailferry:[new.example]:25');
    // What a killed one leaves behind is in nobody's way.
    edge?.kill('SIGKILL');
    await edge?.done;
    expect(existsSync(socket)).toBe(true);
    expect(answer()).toBeNull();
    await start('--no-table', '--socketmap', socket, '--delimiters', '+');
    expect(answer()).toBe('mailferry:[new.example]:25');
  });

  it('tells what is wrong on its host, and says the same there by hand', async () => {
    await enrol();
    const none = ['--postfix', join(dir, 'no-postfix'), '--dovecot', join(dir, 'no-dovecot')];
    edge = startMailferry(
      ['edge', 'run', '--side', 'old', '--peer', '127.0.0.1:1', '--directory', directory(), ...none],
      {},
    );
    await edge.printed('"ready"');
    const doctor = async () => {
      const { stdout } = await mailferry(['edge', 'list', '--json'], asOperator());
      return (JSON.parse(stdout) as { doctor: Record<string, unknown> | null }).doctor;
    };
    await expect.poll(doctor, { timeout: 40_000 }).not.toBeNull();
    const wanted = [{ code: 'peer-unreachable', severity: 'trouble', values: { peer: '127.0.0.1:1' } }];
    const left = [{ check: 'postfix', reason: 'no-postfix' }];
    expect(await doctor()).toMatchObject({ postfix: null, dovecot: null, findings: wanted });
    // The clock and the age of what it has were looked at: control answered.
    const reasons = ((await doctor())?.['leftOut'] as { check: string; reason: string }[]) ?? [];
    expect(reasons).toEqual(expect.arrayContaining(left.map((one) => expect.objectContaining(one))));
    expect(reasons.filter(({ check }) => ['clock', 'control', 'replica', 'disk'].includes(check))).toEqual(
      [],
    );
    const byHand = await mailferry(['doctor', '--directory', directory(), '--json'], {});
    expect([byHand.code, byHand.stderr]).toEqual([1, '']);
    expect(byHand.lines().filter(({ type }) => type === 'finding')).toMatchObject(wanted);
    edge.kill('SIGTERM');
    expect((await edge.done).code).toBe(0);
    const alone = await mailferry(['doctor', '--directory', directory(), '--json'], {});
    expect(alone.lines().map(({ code }) => code)).toContain('edge-stopped');
  });

  it('does not start for the other side, without enrolment, or with a used code', async () => {
    const run = (side: string) =>
      mailferry(['edge', 'run', '--side', side, '--peer', 'x.example', '--directory', directory()], {});
    expect((await run('old')).stderr).toContain('edge enrol');
    await enrol();
    expect((await run('new')).stderr).toContain('enrolled for the old side');
    const args = [
      'edge',
      'enrol',
      '--control',
      control.url,
      '--code-file',
      join(dir, 'code'),
      '--directory',
      directory(),
    ];
    const again = await mailferry(args, {});
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('not in force')]);
  });
});
