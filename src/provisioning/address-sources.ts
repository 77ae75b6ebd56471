/** Where the list of old's addresses comes from: a passwd-file, a program (doveadm, or the operator's), a database. */
import { MailferryError } from '../base/errors.ts';
import { flatInSlices } from '../base/slices.ts';
import { askForeign, type ForeignDatabase } from '../state/foreign-database.ts';
import {
  type AddressSource,
  type ListedAddress,
  listedAddress,
  listedLines,
  ofObject,
} from './address-source.ts';
import { passwdEntries, readPasswdFile } from './passwd-file.ts';
import { quoted } from './provisioning-error.ts';
import { endText, runProgram } from './run-program.ts';

/** Some ten million addresses. */
const listAtMost = 512 * 1024 * 1024;

export function passwdFileAddresses(file: string, domain: string | null): AddressSource {
  return {
    name: 'passwd-file',
    list: async () => {
      const text = await read(file, () => readPasswdFile(file));
      // A file that is being written ends in the middle of a line.
      if (text !== '' && !text.endsWith('\n')) throw unreadable(`${file} ends in the middle of a line`);
      return flatInSlices(passwdEntries(text), ({ login }) => one(listedAddress(login, domain)));
    },
  };
}

/** `doveadm user '*'` prints a login a line; the operator's own program gets `{"version":1,"do":"list"}`. */
export function programAddresses(
  name: 'doveadm' | 'command',
  options: { readonly argv: readonly string[]; readonly domain: string | null; readonly deadlineMs: number },
): AddressSource {
  const { argv, domain, deadlineMs } = options;
  return {
    name,
    list: async (signal) => {
      const input = { version: 1, do: 'list' };
      const end = await runProgram({ argv, input, deadlineMs, signal, answerAtMost: listAtMost });
      if (end.kind !== 'ended' || end.code !== 0) throw unreadable(`the program ${quoted(endText(end), [])}`);
      try {
        return await listedLines(end.stdout, domain);
      } catch {
        throw unreadable('the program printed a line that is no JSON');
      }
    },
  };
}

export function sqlAddresses(database: ForeignDatabase, query: string, domain: string | null): AddressSource {
  return {
    name: 'sql',
    list: async () => {
      let rows: Awaited<ReturnType<typeof askForeign>>;
      try {
        rows = await askForeign(database, query);
      } catch (error) {
        throw unreadable(error instanceof Error ? error.message : 'the database cannot be asked');
      }
      const [first] = rows;
      if (first !== undefined && !/address|login/i.test(Object.keys(first).join(' ')))
        throw unreadable('the query has neither a column "address" nor one "login"');
      return flatInSlices(rows, (row) => one(ofObject(row, domain)));
    },
  };
}

/** A list as `mailferry accounts import` takes it; `rowsOf` reads it, and throws what is wrong with it. */
export function csvAddresses(
  file: string,
  rowsOf: (file: string) => readonly ListedAddress[],
): AddressSource {
  return { name: 'csv', list: () => read(file, async () => rowsOf(file)) };
}

const one = (found: ListedAddress | null): readonly ListedAddress[] => (found === null ? [] : [found]);

export function unreadable(why: string): MailferryError {
  return new MailferryError('discovery-failed', `the list of addresses: ${why}`, { side: 'old' });
}

async function read<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(`${file}: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
}
