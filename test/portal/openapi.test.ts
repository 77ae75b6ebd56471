/**
 * What the pages ask stands in the API's own description, and what they read an answer as is what the description
 * promises: a copy of the pages with one assertion for each question goes to the compiler.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, dirname, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/state/database/open-database.ts';
import { startControlFor } from '../contracts/control-env.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { componentTypes, type Described, described, fits, type OpenApi, typeOf } from './openapi-types.ts';
import { type Question, questionsOf, questionsOfPages } from './questions-of-pages.ts';

const project = resolve(import.meta.dirname, '../..');
let directory: string;
let api: OpenApi;
let operations: Described[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mailferry-openapi-'));
  const database = await openDatabase({ url: join(directory, 'database'), clock: new FakeClock() });
  const control = await startControlFor(database);
  const { body } = await control.call('GET', '/api/openapi.json');
  api = body as unknown as OpenApi;
  operations = described(api);
  await control.close();
  await database.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const questions = questionsOfPages(join(project, 'ui/src'));
const answering = (question: Question) => operations.filter((one) => fits(question, one));

test('every question of the pages is one that the description has', () => {
  expect(questions.length).toBeGreaterThan(25);
  const unknown = questions.filter((question) => answering(question).length === 0);
  expect(unknown).toEqual([]);
});

test('what a page looks at has a form in the description', () => {
  const formless = questions.filter(
    (question) => question.type !== null && answering(question).some(({ schema }) => schema === null),
  );
  expect(formless).toEqual([]);
});

test('the pages read answers as the description has them', { timeout: 120_000 }, () => {
  const faults = compile(questions);
  expect(faults).toBe('');
  // And the compiler would say so.
  const [sample] = questions.filter(({ type }) => type === 'Session');
  if (sample === undefined) throw new Error('the pages do not ask for the session');
  expect(compile([{ ...sample, type: 'Session & { readonly colour: string }' }])).toContain('colour');
});

test('a question that is written in another way is not passed over', () => {
  expect(() => questionsOf('x.ts', "const a = 'GET'; ask<Session>(a, '/session');")).toThrow(/x\.ts:1/);
  expect(
    questionsOf(
      'x.ts',
      'ask<{ a: B[] }>(\n  "GET"'.replaceAll('"', "'") + ', `/b/${c(d)}/e${query({ f })}`)',
    ),
  ).toEqual([{ file: 'x.ts', method: 'GET', path: '/b/{}/e', type: '{ a: B[] }' }]);
});

/** What the compiler says; empty where all fits. */
function compile(asked: readonly Question[]): string {
  const place = mkdtempSync(join(directory, 'pages-'));
  const [pages, types] = [join(place, 'ui/src'), join(place, 'api.ts')];
  cpSync(join(project, 'ui/src'), pages, { recursive: true, filter: (file) => !/\.test\.tsx?$/.test(file) });
  cpSync(join(project, 'ui/tsconfig.json'), join(place, 'ui/tsconfig.json'));
  cpSync(join(project, 'tsconfig.json'), join(place, 'tsconfig.json'));
  cpSync(join(project, 'package.json'), join(place, 'package.json'));
  symlinkSync(join(project, 'node_modules'), join(place, 'node_modules'));
  const used = [...new Set(asked.flatMap((question) => answering(question)))].filter(
    ({ schema }) => schema !== null,
  );
  const nameOf = (one: Described) => `Answer_${used.indexOf(one)}`;
  const answers = used.map(
    (one) => `/** ${one.name} */\nexport type ${nameOf(one)} = ${typeOf(one.schema ?? {})};`,
  );
  writeFileSync(types, `${componentTypes(api)}\n${answers.join('\n')}\n`);
  for (const [number, question] of asked.entries()) {
    if (question.type === null) continue;
    const file = join(pages, question.file);
    const module = relative(dirname(file), types);
    for (const one of answering(question)) {
      const name = `answer${number}_${nameOf(one)}`;
      appendFileSync(
        file,
        `\n// ${one.name}\ndeclare const ${name}: import('${module}').${nameOf(one)};\nexport const read_${name}: ${question.type} = ${name};\n`,
      );
    }
  }
  const { stdout } = spawnSync(join(project, 'node_modules/.bin/tsc'), ['-p', 'ui', '--noEmit'], {
    cwd: place,
    encoding: 'utf8',
  });
  return stdout;
}
