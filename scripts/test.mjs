#!/usr/bin/env node
/**
 * Sets up and runs everything: `npm test`; `npm run check` (--fast) leaves out the slow suites. Each step says its
 * name, result and duration; the last line is "N passed, N failed": the tests, and each other step as one. Where tests of a
 * few files fail, these files run once more, alone: what passes then counts as passed, and is named.
 * Runs on Node 20; what it starts runs on the packaged Node.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagedEnvironment, projectRoot, SetupError, setup } from './setup.mjs';

const fast = process.argv.includes('--fast');
/** Left out by --fast: they start real servers for minutes, or kill a process at each of its steps. */
const slowSuites = ['test/interruption/**', 'test/interop/**', 'test/scenarios/**', '**/*.slow.test.ts'];

const steps = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of pages', command: ['tsc', '-p', 'ui'] },
  { name: 'lint', command: ['oxlint', '--type-aware', 'src', 'test', 'scripts', 'bin', 'ui'] },
  { name: 'format', command: ['biome', 'format'] },
  { name: 'architecture', command: ['node', 'scripts/check-architecture.ts'] },
  { name: 'RFC references', command: ['node', 'scripts/check-rfc-refs.ts'] },
  { name: 'docs', command: ['node', 'scripts/check-docs.ts'] },
  { name: 'pages', command: ['node', 'scripts/build-ui.mjs'] },
  { name: 'unused code', command: ['knip', '--no-progress'] },
];

let passed = 0;
let failed = 0;
const failures = [];

function report(name, ok, startedAt, extra = '') {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(16)} ${seconds.padStart(6)} s${extra}\n`);
}

function run(command, { quiet, env = {} }) {
  return new Promise((resolve) => {
    const [program, ...args] = command;
    const child = spawn(program, args, {
      cwd: projectRoot,
      env: { ...packagedEnvironment(), ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

async function runStep({ name, command }) {
  const startedAt = performance.now();
  const { code, output } = await run(command, { quiet: true });
  const ok = code === 0;
  if (ok) passed += 1;
  else {
    failed += 1;
    failures.push(name);
    process.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
  }
  report(name, ok, startedAt);
}

/** Errors outside of any test. */
let outside = 0;
/** A run that fails in more files than these has a fault of its own, and is not tried again. */
const triedAgainAtMost = 4;

async function runTests() {
  const startedAt = performance.now();
  const left = fast ? slowSuites.flatMap((pattern) => ['--exclude', pattern]) : [];
  const first = await vitest(left);
  tellSlowest(first.results);
  tellFailed(first.results);
  const files = [...new Set(first.results.filter(hasFailed).map(({ name }) => name))];
  let tests = first.counts;
  let again = '';
  if (files.length > 0 && files.length <= triedAgainAtMost) {
    process.stdout.write('Once more, alone: does it fail, or was it the crowd on this machine?\n');
    const second = await vitest(['--maxWorkers=1', ...files]);
    tellFailed(second.results);
    const recovered = Math.max(0, tests.failed - second.counts.failed);
    tests = { ...tests, passed: tests.passed + recovered, failed: second.counts.failed };
    again = `; ${recovered} of them only when run alone, named above`;
  }
  tests.failed += outside;
  passed += tests.passed;
  failed += tests.failed;
  if (tests.failed > 0) failures.push('tests');
  const skipped = tests.skipped === 0 ? '' : `, ${tests.skipped} skipped`;
  report(
    'tests',
    tests.failed === 0,
    startedAt,
    `  ${tests.passed} passed${again}, ${tests.failed} failed${skipped}`,
  );
}

/** Runs vitest with these arguments besides; gives what each file came to, and the counts. */
async function vitest(args) {
  const directory = mkdtempSync(join(tmpdir(), 'mf-test-'));
  const resultFile = join(directory, 'vitest.json');
  const reporters = [
    '--reporter=./scripts/reporter.mjs',
    '--reporter=json',
    `--outputFile.json=${resultFile}`,
  ];
  const outsideFile = join(directory, 'outside');
  const env = { MAILFERRY_TEST_OUTSIDE: outsideFile };
  const { code } = await run(['vitest', 'run', ...reporters, ...args], { quiet: false, env });
  let results = [];
  let counts = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(resultFile)) {
    const result = JSON.parse(readFileSync(resultFile, 'utf8'));
    results = result.testResults;
    counts = countTests(result);
  }
  // No test run again can clear these.
  if (existsSync(outsideFile)) outside += Number(readFileSync(outsideFile, 'utf8'));
  rmSync(directory, { recursive: true });
  // A runner that did not even write its result.
  if (code !== 0 && counts.failed === 0 && outside === 0) counts.failed = 1;
  return { results, counts };
}

const hasFailed = ({ status, assertionResults }) =>
  status === 'failed' || assertionResults.some((one) => one.status === 'failed');

/** Where the time of a long run goes. */
function tellSlowest(results) {
  const files = results.map(({ name, startTime, endTime }) => ({
    file: name.replace(projectRoot, '').replace(/^\//, ''),
    seconds: (endTime - startTime) / 1_000,
  }));
  for (const { file, seconds } of files.sort((a, b) => b.seconds - a.seconds).slice(0, 15))
    process.stdout.write(`${seconds.toFixed(0).padStart(6)} s  ${file}\n`);
}

/** The failed ones once more, short and last: of a long run's output often only the end is kept. */
function tellFailed(results) {
  for (const { name, status, message, assertionResults } of results) {
    const file = name.replace(projectRoot, '').replace(/^\//, '');
    const bad = assertionResults.filter((one) => one.status === 'failed');
    for (const { fullName, failureMessages } of bad) tellOne(`${file} > ${fullName}`, failureMessages[0]);
    if (status === 'failed' && bad.length === 0) tellOne(file, message);
  }
}

function tellOne(title, message = '') {
  const line = message.replace(/\s+/g, ' ');
  // A long one is often a whole screen, which tells at its end what went wrong.
  const shortened = line.length <= 1_500 ? line : `${line.slice(0, 300)} … ${line.slice(-1_200)}`;
  process.stdout.write(`failed: ${title}\n        ${shortened}\n`);
}

function countTests(result) {
  // A file that cannot be loaded holds no test that could fail.
  const broken = result.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  );
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + broken.length,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

const startedAt = performance.now();
try {
  setup('test');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
report('set-up', true, startedAt);
for (const step of steps) await runStep(step);
await runTests();
report(
  fast ? 'all (fast)' : 'all',
  failed === 0,
  startedAt,
  failures.length > 0 ? `  failed: ${failures.join(', ')}` : '',
);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
