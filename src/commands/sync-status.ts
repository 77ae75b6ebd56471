/** `mailferry sync status`: where all accounts stand; with --watch as a table that stays up to date. */
import { Command } from 'commander';
import type { AccountAnswer } from '../portal/presenters/account.ts';
import type { StatusAnswer } from '../portal/presenters/sync.ts';
import { accountRow, noAccounts } from './account-text.ts';
import { addApiOptions, type ApiClient, type ApiOptions, apiClient } from './api-client.ts';
import type { CommandEnv } from './command-env.ts';
import { exitCode } from './exit-code.ts';
import { count, counted, duration, fit, fitTo, size, table, type Window, windowOf } from './format.ts';
import { eraseBelow } from './progress.ts';
import { more } from './help-text.ts';

interface StatusOptions extends ApiOptions {
  readonly watch?: boolean;
}

interface Shown {
  readonly status: StatusAnswer;
  readonly copying: readonly AccountAnswer[];
  readonly trouble: readonly AccountAnswer[];
}

/** A person cannot read faster, and each look counts all accounts. */
const lookEveryMs = 1_000;
/** Of the accounts that are copied, and of those in trouble: what fits beside the numbers. */
const rowsShown = '8';

export function statusCommand(env: CommandEnv, done: (code: number) => void): Command {
  return addApiOptions(
    new Command('status')
      .description('show where all accounts stand')
      .option('--watch', 'stay, and show it anew each second until Ctrl-C'),
  )
    .addHelpText(
      'after',
      more(`
Examples:
  mailferry sync status
  mailferry sync status --watch
  mailferry sync status --json

Exit codes: 0 shown; 3 no API; 130 --watch ended by Ctrl-C.`),
    )
    .action(async (options: StatusOptions) => {
      const client = await apiClient(env, options);
      if (options.watch !== true) {
        env.stdout.write(statusOutput(env, await look(client), options.json === true));
        return done(exitCode.ok);
      }
      await watch(env, client, options.json === true);
      done(exitCode.interrupted);
    });
}

/** Until Ctrl-C, which is how it is meant to end: nothing is told then. Throws what keeps it from looking. */
async function watch(env: CommandEnv, client: ApiClient, json: boolean): Promise<void> {
  const redraws = !json && env.stdout.isTTY && env.env.TERM !== 'dumb';
  const shown = redraws ? onScreen(env) : asLines(env, json);
  try {
    for (;;) {
      shown.show(await look(client));
      await env.clock.sleep(lookEveryMs, env.signal);
    }
  } catch (error) {
    shown.leave();
    if (!env.signal.aborted) throw error;
  }
}

interface Display {
  show(what: Shown): void;
  /** What follows stands below. */
  leave(): void;
}

/** Only what differs: a log that says the same each second hides what is new. */
function asLines(env: CommandEnv, json: boolean): Display {
  let before = '';
  return {
    show: (what) => {
      const text = statusOutput(env, what, json);
      if (text !== before) env.stdout.write(text);
      before = text;
    },
    // The terminal has written ^C where the next line would be.
    leave: () => env.stdout.write(!json && env.stdout.isTTY ? '\n' : ''),
  };
}

/**
 * The cursor waits where the table begins: a terminal that is made narrower breaks its lines below that, and all of them
 * go with the next one.
 */
function onScreen(env: CommandEnv): Display {
  let last: Shown | null = null;
  const text = () => {
    // What has scrolled out above cannot be drawn again.
    const most = windowOf(env.stdout).rows - 1;
    return last === null ? '' : firstLines(statusOutput(env, last, false), most);
  };
  const draw = () => {
    const shown = text();
    const lines = shown.split('\n').length - 1;
    if (lines > 0) env.stdout.write(`${eraseBelow}${shown}\u001b[${lines}A`);
  };
  env.stdout.on('resize', draw);
  return {
    show: (what) => {
      last = what;
      draw();
    },
    leave: () => {
      env.stdout.off('resize', draw);
      env.stdout.write(`${eraseBelow}${text()}`);
    },
  };
}

function firstLines(text: string, most: number): string {
  const lines = text.split('\n');
  return lines.length - 1 <= most ? text : `${lines.slice(0, most).join('\n')}\n`;
}

async function look(client: ApiClient): Promise<Shown> {
  const some = async (query: Record<string, string>) =>
    (await client.get<{ accounts: AccountAnswer[] }>('/accounts', { limit: rowsShown, ...query })).accounts;
  return {
    status: await client.get<StatusAnswer>('/sync/status'),
    copying: await some({ phase: 'copying' }),
    trouble: await some({ trouble: 'any' }),
  };
}

function statusOutput(env: CommandEnv, shown: Shown, json: boolean): string {
  if (json) return `${JSON.stringify({ type: 'status', ...shown.status })}\n`;
  return statusText(shown, env.stdout);
}

export function statusText({ status, copying, trouble }: Shown, stream: Window): string {
  const words = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([word, n]) => `${count(n)} ${word}`)
      .join(', ');
  const { messagesDone, messagesTotal, messagesRefused, bytesCopied, lagMeanMs, lagMaxMs } = status;
  const refused = messagesRefused === 0 ? '' : `, ${count(messagesRefused)} refused`;
  if (status.accounts === 0) return noAccounts;
  const lines = [
    `${counted(status.accounts, 'account')}: ${words(status.phases)}${status.paused === 0 ? '' : `; ${count(status.paused)} paused`}`,
    ...(messagesTotal === 0 && bytesCopied === 0
      ? ['messages: none counted yet']
      : [
          `messages: ${count(messagesDone)} of ${count(messagesTotal)}${refused}; ${size(bytesCopied)} copied`,
        ]),
    ...(lagMeanMs === null || lagMaxMs === null
      ? []
      : [`lag: ${duration(lagMeanMs / 1000)} on average, ${duration(lagMaxMs / 1000)} at most`]),
    ...polled(status.heardBy),
    ...(Object.keys(status.trouble).length === 0 ? [] : [`attention: ${words(status.trouble)}`]),
    ...(status.mailboxProblems === 0
      ? []
      : [`mailboxes not carried over: of ${counted(status.mailboxProblems, 'account')}`]),
  ];
  const columns = stream.isTTY === true ? windowOf(stream).columns : Number.POSITIVE_INFINITY;
  let text = lines.map((line) => `${fit(line, columns)}\n`).join('');
  const rows = [...trouble, ...copying.filter(({ id }) => !trouble.some((one) => one.id === id))];
  if (rows.length > 0) {
    const head = ['address', 'team', 'phase', 'messages', 'lag', 'state'];
    text += `\n${table(head, rows.map(accountRow), [3, 4], fitTo(stream, [0, 1, 5]))
      .split('\n')
      .map((line) => fit(line, columns))
      .join('\n')}`;
  }
  return text;
}

/** Only where some are: that all are heard of at once goes without saying. */
function polled(heardBy: Readonly<Record<string, number>>): string[] {
  const { all = 0, inbox = 0, nothing = 0 } = heardBy;
  if (nothing === 0) return [];
  return [
    `heard of at once: ${count(all + inbox)}; asked for news now and then: ${count(nothing)} (more connections in [old.limits] make it fewer)`,
  ];
}
