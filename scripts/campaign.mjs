#!/usr/bin/env node
/**
 * Runs the long campaigns for a given time: `npm run campaign -- 10m` (s, m or h). A campaign is a program under
 * test/fuzz, test/interruption, test/scenarios or test/soak that takes `--seconds N --seed N`, says so in its text,
 * and ends with code 0 when it found nothing. They run in turn with ever new seeds; the result is written to
 * campaign-results/ as JSON and as Markdown, with the command that repeats each finding.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { packagedEnvironment, packagedNode, projectRoot, SetupError, setup } from './setup.mjs';

const folders = ['test/fuzz', 'test/interruption', 'test/scenarios', 'test/soak'];
/** One turn of one campaign; with a small budget less, so that each has its turn. */
const longestTurnSeconds = 120;
/** A campaign that does not end this long after its time is stuck, which is a finding. */
const graceSeconds = 120;

function budgetSeconds(text) {
  const [, number, unit = 'm'] = /^(\d+(?:\.\d+)?)\s*([smh]?)$/.exec(text ?? '') ?? [];
  if (number === undefined) return null;
  return Number(number) * { s: 1, m: 60, h: 3_600, '': 60 }[unit];
}

function campaigns() {
  return folders
    .filter((folder) => existsSync(join(projectRoot, folder)))
    .flatMap((folder) => readdirSync(join(projectRoot, folder)).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => readFileSync(join(projectRoot, file), 'utf8').includes('--seconds'))
    .sort((a, b) => a.localeCompare(b));
}

function turn(file, seconds, seed) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const child = spawn(packagedNode(), [file, '--seconds', String(seconds), '--seed', String(seed)], {
      cwd: projectRoot,
      env: packagedEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stuck = setTimeout(() => child.kill('SIGKILL'), (seconds + graceSeconds) * 1_000);
    child.once('close', (code, signal) => {
      clearTimeout(stuck);
      const tookSeconds = Math.round((performance.now() - startedAt) / 100) / 10;
      resolve({
        file,
        seed,
        seconds,
        tookSeconds,
        outcome: code === 0 ? 'passed' : `failed (${signal ?? `exit code ${code}`})`,
        output,
      });
    });
  });
}

const budget = budgetSeconds(process.argv[2]);
if (budget === null) {
  process.stderr.write('usage: npm run campaign -- 10m\n');
  process.exit(2);
}
try {
  setup('test');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
const files = campaigns();
if (files.length === 0) {
  process.stderr.write('There is no campaign to run.\n');
  process.exit(2);
}
const startedAt = new Date();
const clock = performance.now();
const elapsed = () => (performance.now() - clock) / 1_000;
const turns = [];
// Seeds start where the clock stands: each campaign looks at cases that none before has seen.
let seed = Math.floor(startedAt.getTime() / 1_000) % 1_000_000_000;
const turnSeconds = Math.max(1, Math.min(longestTurnSeconds, Math.floor(budget / files.length)));
while (elapsed() < budget) {
  for (const file of files) {
    const left = budget - elapsed();
    if (left < 1) break;
    const result = await turn(file, Math.max(1, Math.floor(Math.min(turnSeconds, left))), seed++);
    turns.push(result);
    const last = result.output.trim().split('\n').at(-1) ?? '';
    process.stdout.write(
      `${result.outcome === 'passed' ? 'ok  ' : 'FAIL'} ${file}  ${result.tookSeconds} s  ${last}\n`,
    );
  }
}

const failures = turns.filter(({ outcome }) => outcome !== 'passed');
const commit = gitCommit();
const directory = join(projectRoot, 'campaign-results');
mkdirSync(directory, { recursive: true });
const name = startedAt.toISOString().replace(/[:.]/g, '-');
const summary = {
  startedAt: startedAt.toISOString(),
  seconds: Math.round(elapsed()),
  budgetSeconds: budget,
  commit,
  machine: { cpus: cpus().length, node: process.version, platform: `${process.platform}-${process.arch}` },
  passed: turns.length - failures.length,
  failed: failures.length,
  turns,
};
writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(summary, null, 2)}\n`);
writeFileSync(join(directory, `${name}.md`), markdown(summary));
process.stdout.write(`Result: campaign-results/${name}.md\n`);
process.stdout.write(`${summary.passed} passed, ${summary.failed} failed\n`);
process.exitCode = failures.length === 0 ? 0 : 1;

function gitCommit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: projectRoot,
      encoding: 'utf8',
    }).trim();
  } catch {
    return 'unknown';
  }
}

function markdown({ startedAt: when, seconds, commit: at, passed, failed, turns: all }) {
  const rows = files.map((file) => {
    const mine = all.filter((one) => one.file === file);
    const bad = mine.filter(({ outcome }) => outcome !== 'passed');
    const total = mine.reduce((sum, { tookSeconds }) => sum + tookSeconds, 0);
    const last = mine.at(-1)?.output.trim().split('\n').at(-1) ?? '';
    return `| ${file} | ${mine.length} | ${bad.length} | ${total.toFixed(0)} | ${last.replaceAll('|', '\\|')} |`;
  });
  const findings = all
    .filter(({ outcome }) => outcome !== 'passed')
    .map(
      ({ file, seed: number, seconds: time, outcome, output }) =>
        `### ${file}, seed ${number}: ${outcome}\n\n` +
        `Repeat with: \`node ${file} --seconds ${time} --seed ${number}\`\n\n\`\`\`\n${output.trim().slice(-4_000)}\n\`\`\`\n`,
    );
  return (
    `# Campaign of ${when}\n\nCommit ${at}, ${seconds} s, ${passed} turns passed, ${failed} failed.\n\n` +
    `| campaign | turns | failed | seconds | last words |\n|---|---|---|---|---|\n${rows.join('\n')}\n` +
    (findings.length === 0 ? '' : `\n## Findings\n\n${findings.join('\n')}`)
  );
}
