/**
 * A reporter of vitest for runs of an hour: names each test that fails at once, with the first lines of what went wrong,
 * and says now and then how far it is. Whoever ends a run by Ctrl-C has seen all that failed until then.
 * `MAILFERRY_TEST_OUTSIDE` names a file for the number of errors outside of any test, which vitest's JSON does not hold.
 */
import { writeFileSync } from 'node:fs';

const progressEveryMs = 60_000;
const shownLines = 20;
const foreignFrame = /^ +at .*(?:node_modules|node:internal)/;

/** @implements {import('vitest/node').Reporter} */
export default class Reporter {
  #startedAt = performance.now();
  #files = 0;
  #filesDone = 0;
  #passed = 0;
  #failed = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {readonly unknown[]} specifications */
  onTestRunStart(specifications) {
    this.#files = specifications.length;
    this.#timer = setInterval(() => this.#tellProgress(), progressEveryMs);
    this.#timer.unref();
  }

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    const { state, errors } = test.result();
    if (state === 'passed') this.#passed += 1;
    if (state !== 'failed') return;
    this.#failed += 1;
    this.#tell(`${test.module.relativeModuleId} > ${test.fullName}`, errors?.[0]);
  }

  /** What fails in a hook of a suite. @param {import('vitest/node').TestSuite} suite */
  onTestSuiteResult(suite) {
    for (const error of suite.errors()) {
      this.#failed += 1;
      this.#tell(`${suite.module.relativeModuleId} > ${suite.fullName}`, error);
    }
  }

  /** @param {import('vitest/node').TestModule} module */
  onTestModuleEnd(module) {
    this.#filesDone += 1;
    // What fails outside any test: an import, a hook of the file.
    for (const error of module.errors()) {
      this.#failed += 1;
      this.#tell(module.relativeModuleId, error);
    }
  }

  /** @param {readonly unknown[]} _modules @param {readonly unknown[]} unhandled */
  onTestRunEnd(_modules, unhandled) {
    clearInterval(this.#timer);
    for (const error of unhandled) this.#tell('outside of any test', error);
    const file = process.env['MAILFERRY_TEST_OUTSIDE'];
    if (unhandled.length > 0 && file !== undefined) writeFileSync(file, `${unhandled.length}\n`);
    this.#tellProgress();
  }

  #tellProgress() {
    const minutes = ((performance.now() - this.#startedAt) / 60_000).toFixed(0);
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} FAILED`;
    process.stdout.write(
      `     ${minutes.padStart(3)} min  ${this.#filesDone} of ${this.#files} files, ${this.#passed} passed${failed}\n`,
    );
  }

  /** @param {string} title @param {any} error */
  #tell(title, error) {
    const text = `${error?.stack ?? error?.message ?? error ?? ''}\n${error?.diff ?? ''}`;
    const lines = text.split('\n').filter((line) => line.trim() !== '' && !foreignFrame.test(line));
    lines.splice(shownLines);
    process.stdout.write(`FAILS ${title}\n${lines.map((line) => `        ${line}\n`).join('')}`);
  }
}
