// compatible: adds two functions and an index, on PostgreSQL alone.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { isPostgres } from '../dialect.ts';

/**
 * What Postfix is told when it asks the database itself: the same as by an edge's table. Nobody but the database's owner may
 * call it before somebody is allowed to, and who may call it sees nothing else: an address at a time, no list of them.
 */
export const routesBySql: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    if (!isPostgres(db)) return;
    const { rows } = await sql<{ schema: string }>`select quote_ident(current_schema()) as schema`.execute(
      db,
    );
    await sql.raw(aLabel).execute(db);
    await sql.raw(postfixRoute(rows[0]?.schema ?? 'public')).execute(db);
    await sql`revoke all on function postfix_route(text, text), a_label(text) from public`.execute(db);
    await sql`create index address_by_domain on address (${domainOf('address')})`.execute(db);
  },
};

const pattern = String.raw`'@([^@]*)$'`;
const domainOf = (column: string) => sql.raw(`(substring(${column} from ${pattern}))`);

/** RFC 3492 §6.3, with what RFC 5890 §2.3.2.1 puts before it. What has only ASCII in it stays as it is. */
const aLabel = String.raw`
create function a_label(label text) returns text
language plpgsql immutable strict parallel safe as $$
declare
  digits constant text := 'abcdefghijklmnopqrstuvwxyz0123456789';
  points int[];
  point int;
  result text;
  basic int;
  handled int;
  n int := 128;
  delta int := 0;
  bias int := 72;
  rest int;
  step int;
  threshold int;
begin
  -- No longer one is in any name (RFC 1035 §2.3.4).
  if octet_length(label) = length(label) or length(label) > 63 then
    return label;
  end if;
  select array_agg(ascii(letter) order by place), coalesce(string_agg(letter, '' order by place)
    filter (where ascii(letter) < 128), '')
    into points, result from regexp_split_to_table(label, '') with ordinality as letters (letter, place);
  basic := length(result);
  handled := basic;
  if basic > 0 then
    result := result || '-';
  end if;
  while handled < cardinality(points) loop
    select min(one) into step from unnest(points) as one where one >= n;
    delta := delta + (step - n) * (handled + 1);
    n := step;
    foreach point in array points loop
      if point < n then
        delta := delta + 1;
      elsif point = n then
        rest := delta;
        step := 36;
        loop
          threshold := least(26, greatest(1, step - bias));
          exit when rest < threshold;
          result := result || substr(digits, threshold + (rest - threshold) % (36 - threshold) + 1, 1);
          rest := (rest - threshold) / (36 - threshold);
          step := step + 36;
        end loop;
        result := result || substr(digits, rest + 1, 1);
        delta := delta / (case when handled = basic then 700 else 2 end);
        delta := delta + delta / (handled + 1);
        bias := 0;
        while delta > 455 loop
          delta := delta / 35;
          bias := bias + 36;
        end loop;
        bias := bias + 36 * delta / (delta + 38);
        delta := 0;
        handled := handled + 1;
      end if;
    end loop;
    delta := delta + 1;
    n := n + 1;
  end loop;
  return 'xn--' || result;
end
$$`;

/** The owner's rights go with it: it is called by somebody who has none. Temporary tables of theirs come last. */
const postfixRoute = (schema: string) => String.raw`
create function postfix_route(on_side text, key text) returns table (way text)
language plpgsql stable security definer set search_path = ${schema}, pg_temp as $$
declare
  asked text := key;
  local_part text;
  plain text;
  its_domain text;
  lives text;
begin
  -- Postfix before 3.8 says that it writes Latin 1, and writes UTF-8.
  if octet_length(asked) > length(asked) and current_setting('client_encoding') = 'LATIN1' then
    begin
      asked := convert_from(convert_to(asked, 'LATIN1'), 'UTF8');
    exception when character_not_in_repertoire or untranslatable_character then
      return;
    end;
  end if;
  its_domain := coalesce(substring(asked from ${pattern}), asked);
  local_part := left(asked, greatest(0, length(asked) - length(its_domain) - 1));
  -- Addresses are kept with the domain's ASCII form.
  select string_agg(a_label(label), '.' order by place) into its_domain
    from regexp_split_to_table(its_domain, '[.]') with ordinality as labels (label, place);
  if local_part = '' then
    -- All else of a domain is asked for at old.
    if on_side = 'new' and exists
      (select from address where (substring(address.address from ${pattern})) = its_domain) then
      way := 'rest';
      return next;
    end if;
    return;
  end if;
  -- Postfix folds these letters to others, and its tables have no keys that begin so: as in the edge's table.
  if local_part ~ '[\u00df\u1e9e\u03c2\u200c\u200d]|^#' then
    return;
  end if;
  -- Asked for as in an envelope, kept without quotes.
  plain := case when local_part ~ '^".*"$'
    then regexp_replace(substr(local_part, 2, length(local_part) - 2), '\\(.)', '\1', 'g') else local_part end;
  -- As domain/placement.ts has it.
  select case when account.phase in ('switched', 'rolling-back', 'done') then 'new' else 'old' end into lives
    from address join account on account.id = address.account_id
    where address.address in (plain || '@' || its_domain, local_part || '@' || its_domain)
    limit 1;
  if lives is null or (on_side = 'old' and lives = 'old') then
    return;
  end if;
  way := case when lives = on_side then 'here' else 'peer' end;
  return next;
end
$$`;
