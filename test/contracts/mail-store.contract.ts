/** The contract of the port MailStore: whatever the engine relies on, held by the fake and by real servers alike. */
import { afterAll, beforeAll, describe } from 'vitest';
import { describeAppend } from './mail-store-append.ts';
import { describeChanges } from './mail-store-changes.ts';
import type { MailStoreEnv } from './mail-store-env.ts';
import { describeFetch } from './mail-store-fetch.ts';
import { describeLife } from './mail-store-life.ts';
import { describeMailboxes } from './mail-store-mailboxes.ts';
import { describeWatch } from './mail-store-watch.ts';

export function describeMailStoreContract(name: string, makeEnv: () => Promise<MailStoreEnv>): void {
  describe(`a mail store on ${name}`, () => {
    let env: MailStoreEnv | undefined;
    beforeAll(async () => {
      env = await makeEnv();
    });
    afterAll(() => env?.close());
    const envOf = () => {
      if (!env) throw new Error('the environment has not started');
      return env;
    };
    describeMailboxes(envOf);
    describeAppend(envOf);
    describeFetch(envOf);
    describeChanges(envOf);
    describeLife(envOf);
    describeWatch(envOf);
  });
}
