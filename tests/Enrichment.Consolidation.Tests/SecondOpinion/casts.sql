-- The casts as functions of PostgreSQL, written apart from those in C#: each is a second opinion on the other. Patterns guard the conversions,
-- because PostgreSQL 15 cannot try one.
create schema opinion;

-- A value without the white space around it; null if nothing is left. White space is what Unicode and .NET call so. One expression, as
-- all functions here, so that the planner can inline it; nothing depends on a locale, a time zone or a date style.
create or replace function opinion.cell_trimmed(value text) returns text language sql immutable parallel safe
return nullif(btrim(value, E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'), '');

-- A value; null if it is JSON's null or a blank string.
create or replace function opinion.cell_present(value jsonb) returns jsonb language sql immutable parallel safe
return case jsonb_typeof(value)
         when 'null' then null
         when 'string' then case when btrim(value #>> '{}', E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') <> '' then value end
         else value
       end;
create or replace function opinion.cell_present(value json) returns json language sql immutable parallel safe
return case json_typeof(value)
         when 'null' then null
         when 'string' then case when btrim(value #>> '{}', E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') <> '' then value end
         else value
       end;

-- The words by which spreadsheets and vendors say that there is nothing.
create or replace function opinion.cell_absent(trimmed text) returns boolean language sql immutable parallel safe
return lower(trimmed collate "C") in ('null', 'n/a', 'na', 'none', '-', '--');

-- A text without the white space and control characters around it.
create or replace function opinion.field_text(value text) returns text language sql immutable parallel safe
return regexp_replace(value, '^[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+|[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+$', '', 'g');

-- What an uploaded cell gives to a field: no blank text and no placeholder. Of the placeholders' words those that the random rows may hold.
create or replace function opinion.field_present(value json) returns json language sql immutable parallel safe
return case when json_typeof(value) <> 'string' then opinion.cell_present(value)
         else case when opinion.field_text(value #>> '{}') !~ '^[-._,;/\\*\u2010-\u2014\u2212\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]*$'
                    and opinion.field_text(value #>> '{}') not in (
                        'null', 'NULL', 'Null', 'nil', 'none', 'NONE', 'NaN', 'nan', 'unknown', 'undefined', '#N/A', '#REF!', 'na', 'NA', 'n/a', 'N/A', 'n/d', 'N/D', 'N/a', '[]', '{}', '""', '''''', '?')
              then value end
       end;

-- Whether a text begins with a day that the calendar has, alone or with a time and an offset after it.
create or replace function opinion.cell_has_day(trimmed text) returns boolean language sql immutable parallel safe
return case
         when trimmed ~ '^[0-9]{4}(-(0[1-9]|1[0-2])-|/(0[1-9]|1[0-2])/)(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)?$' then
           left(trimmed, 4) <> '0000'
           and substr(trimmed, 9, 2)::int <= case substr(trimmed, 6, 2)
                 when '02' then case when left(trimmed, 4)::int % 4 = 0 and (left(trimmed, 4)::int % 100 <> 0 or left(trimmed, 4)::int % 400 = 0) then 29 else 28 end
                 when '04' then 30 when '06' then 30 when '09' then 30 when '11' then 30
                 else 31
               end
         else false
       end;

-- Minutes east of UTC, from an offset such as +05:30, -08 or nothing.
create or replace function opinion.cell_offset(written text) returns int language sql immutable parallel safe
return case when written is null then 0
            else (case when left(written, 1) = '-' then -1 else 1 end)
                 * (substr(written, 2, 2)::int * 60 + case when length(written) > 3 then right(written, 2)::int else 0 end)
       end;

-- A text as true or false; null if it is neither.
create or replace function opinion.cast_boolean(trimmed text) returns boolean language sql immutable parallel safe
return case lower(trimmed collate "C")
         when 'true' then true when 't' then true when 'yes' then true when 'y' then true when '1' then true
         when 'false' then false when 'f' then false when 'no' then false when 'n' then false when '0' then false
       end;

-- A text as a day; null if the calendar has no such day.
create or replace function opinion.cast_date(trimmed text) returns date language sql immutable parallel safe
return case when opinion.cell_has_day(trimmed)
            then make_date(left(trimmed, 4)::int, substr(trimmed, 6, 2)::int, substr(trimmed, 9, 2)::int)
       end;

-- A text as a whole number; null if it is not one.
create or replace function opinion.cast_integer(trimmed text) returns bigint language sql immutable parallel safe
return case
         when trimmed ~ '^[0-9]{1,18}$' then trimmed::bigint
         when length(trimmed) > 40 or length(translate(trimmed, '+-,.', '')) > 28 then null
         when trimmed ~ '^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)([.]0+)?$' then
           case when replace(trimmed, ',', '')::numeric between -9223372036854775808 and 9223372036854775807
                then replace(trimmed, ',', '')::numeric::bigint
           end
       end;

-- A text as a decimal number; null if it is not one.
create or replace function opinion.cast_number(trimmed text) returns numeric language sql immutable parallel safe
return case
         when length(trimmed) > 40 or length(translate(trimmed, '+-,.', '')) > 28 then null
         when trimmed ~ '^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?$' then trim_scale(replace(trimmed, ',', '')::numeric)
       end;

-- A JSON value as text; null for an object or a list.
create or replace function opinion.cast_text(value jsonb) returns text language sql immutable parallel safe
return case when jsonb_typeof(value) not in ('object', 'array') then value #>> '{}' end;

-- A JSON value as a list of texts; a single value is a list of one.
create or replace function opinion.cast_text_list(value jsonb) returns text[] language sql immutable parallel safe
return case jsonb_typeof(value)
         when 'object' then null
         when 'array' then
           case when not exists (select from jsonb_array_elements(value) as e(element) where jsonb_typeof(element) in ('object', 'array'))
                then array(select element #>> '{}'
                             from jsonb_array_elements(value) with ordinality as e(element, position)
                            where opinion.cell_present(element) is not null
                            order by position)
           end
         else case when value is not null then array[value #>> '{}'] end
       end;

-- A text as an instant; null if it is not one. Seconds, if any, begin at the 17th character, and the offset follows them. The first and the
-- last year take no offset: it could leave the calendar.
create or replace function opinion.cast_timestamp(trimmed text) returns timestamptz language sql immutable parallel safe
return case when length(trimmed) > 10 and opinion.cell_has_day(trimmed) then
         case when left(trimmed, 4) not in ('0001', '9999') or substr(trimmed, 17) !~ '[+-]' then
           (make_timestamp(
              left(trimmed, 4)::int, substr(trimmed, 6, 2)::int, substr(trimmed, 9, 2)::int,
              substr(trimmed, 12, 2)::int, substr(trimmed, 15, 2)::int,
              coalesce(substring(substr(trimmed, 17) from '^:([0-9]{2}(?:[.][0-9]{1,6})?)'), '0')::float8)
            - interval '1 minute' * opinion.cell_offset(substring(substr(trimmed, 17) from '[+-][0-9:]+$'))) at time zone 'UTC'
         end
       end;

-- The bucket of a row that is keyed by something else than its item.
create or replace function opinion.key_bucket(key text) returns smallint language sql immutable parallel safe
return (get_byte(sha256(convert_to(key, 'UTF8')), 0) % 64)::smallint;

-- 1/2/2023 10:15 as 2023-02-01 10:15; null if it is not written so.
create function opinion.day_first(trimmed text) returns text language sql immutable as $$
    select part[3] || '-' || lpad(part[2], 2, '0') || '-' || lpad(part[1], 2, '0') || part[4]
      from regexp_match(trimmed, '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(.*)$') part
$$;

-- 1.234,56 and 1 234,56 as 1,234.56.
create function opinion.comma_decimal(trimmed text) returns text language sql immutable as $$
    select case when position('.' in trimmed) = 0 or trimmed !~ E'[ \u00a0\u202f]'
        then translate(trimmed, E'., \u00a0\u202f', ',.,,,') end
$$;

-- An object that a string holds; the tests put no other text with a brace at its beginning into one.
create function opinion.json_in(value json) returns json language sql immutable as $$
    select case when json_typeof(value) = 'string' and left(value #>> '{}', 1) = '{' then (value #>> '{}')::json end
$$;
