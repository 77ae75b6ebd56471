import { expect, it } from 'vitest';
import { Secret } from '../base/secret.ts';
import { pgsqlFile, pgsqlPlaceOf } from './postfix-pgsql.ts';

const fileOf = (url: string, password: string | null = null) =>
  pgsqlFile(pgsqlPlaceOf(url, password === null ? null : new Secret(password)), 'old', {
    host: 'new.example',
    port: 25,
  });
const lines = (url: string) => fileOf(url).text.split('\n');

it.each([
  ['postgres://routes@db.example/mailferry', 'hosts = inet:db.example:5432 inet:db.example:5432'],
  ['postgresql://routes@192.0.2.7:6432/mailferry', 'hosts = inet:192.0.2.7:6432 inet:192.0.2.7:6432'],
  ['postgres://routes@[2001:db8::1]/mailferry', 'hosts = inet:2001:db8::1:5432 inet:2001:db8::1:5432'],
  ['postgres://routes@/mailferry?host=/run/postgresql', 'hosts = unix:/run/postgresql unix:/run/postgresql'],
  ['postgres://routes@db/mailferry', 'user = routes'],
  ['postgres://ro%20utes@db/mailferry', 'user = ro utes'],
  ['postgres://r@db/mailferry', 'dbname = dbname=mailferry connect_timeout=5'],
  ["postgres://r@db/mail'ferry", "dbname = dbname='mail\\'ferry' connect_timeout=5"],
  [
    'postgres://r@db/m?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    'dbname = dbname=m connect_timeout=5 sslmode=verify-full sslrootcert=/etc/ca.pem',
  ],
])('of %s Postfix reads %s', (url, line) => {
  expect(lines(url)).toContain(line);
});

it('shows no password, and writes it', () => {
  const file = fileOf('postgres://r@db/m', 'geheim-4711');
  expect(JSON.stringify(file)).not.toContain('geheim-4711');
  expect(file.text).toContain('\npassword = ***\n');
  expect(file.whole?.reveal()).toContain('\npassword = geheim-4711\n');
  expect(fileOf('postgres://r@db/m')).not.toHaveProperty('whole');
});

it.each([
  ['/var/lib/mailferry/mailferry.sqlite', null, /no PostgreSQL database/],
  ['sqlite:/var/lib/mailferry/mailferry.sqlite', null, /SQLite/],
  ['postgres://r:geheim@db/m', null, /password in it/],
  ['postgres://db/m', null, /names no user/],
  ['postgres://r@db', null, /no database/],
  ['postgres://r@db/m', ' geheim', /blank/],
  ['postgres://r@db/m', 'ge\nheim', /line end/],
])('refuses %s', (url, password, reason) => {
  expect(() => fileOf(url, password)).toThrow(reason);
});

it('asks for the side, and the route to the peer stands in the file alone', () => {
  const place = pgsqlPlaceOf('postgres://r@db/m', null);
  const { text } = pgsqlFile(place, 'new', { host: "o'ld%s", port: 2525 });
  expect(text).toContain(
    "query = SELECT CASE way WHEN 'peer' THEN 'mailferry:[o''ld%%s]:2525' WHEN 'rest' THEN " +
      "'mailferry-rest:[o''ld%%s]:2525' ELSE ':' END FROM postfix_route('new', '%s')\n",
  );
});
