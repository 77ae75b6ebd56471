/** Runs one suite on both databases: each test has an empty one of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { type Database, openDatabase } from '../../src/state/database/open-database.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { type Postgres, startPostgres } from '../lab/postgres.ts';

export interface DatabaseEnv {
  readonly database: Database;
  readonly url: string;
  /** The same database after the process has ended and begun again. */
  reopen(): Promise<Database>;
}

/** `env` is filled before each test. */
export function describeOnBoth(title: string, suite: (env: DatabaseEnv) => void): void {
  describe(`${title} on SQLite`, () => {
    let directory: string;
    run(suite, async () => {
      directory = mkdtempSync(join(tmpdir(), 'mailferry-database-'));
      return {
        url: `sqlite:${join(directory, 'database')}`,
        remove: () => rmSync(directory, { recursive: true }),
      };
    });
  });
  describe(`${title} on PostgreSQL`, () => {
    let server: Postgres;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server.stop());
    run(suite, async () => ({ url: await server.newDatabase(), password: server.password }));
  });
}

interface Place {
  readonly url: string;
  readonly password?: string;
  readonly remove?: () => void;
}

function run(suite: (env: DatabaseEnv) => void, makePlace: () => Promise<Place>): void {
  let place: Place;
  let database: Database;
  const open = () =>
    openDatabase({
      url: place.url,
      password: place.password === undefined ? undefined : new Secret(place.password),
      clock: new FakeClock(),
    });
  beforeEach(async () => {
    place = await makePlace();
    database = await open();
  });
  afterEach(async () => {
    await database.close();
    place.remove?.();
  });
  suite({
    get database() {
      return database;
    },
    get url() {
      return place.url;
    },
    reopen: async () => {
      await database.close();
      database = await open();
      return database;
    },
  });
}
