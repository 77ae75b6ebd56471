/** The entry: reads arguments and environment, which nothing else does, and calls a command. */
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

if (process.argv[2] === '--version') {
  process.stdout.write(`${version}\n`);
} else {
  process.stderr.write('usage: mailferry --version\n');
  process.exitCode = 2;
}
