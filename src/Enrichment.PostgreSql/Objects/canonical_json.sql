-- The one canonical form of a JSON value, as JsonGate in the core writes it. Raises what that refuses: with SQLSTATE ENJSN and the reason, a NUL as 22P05, half of a
-- surrogate pair as 22P02.
create or replace function {schema}.canonical_json(value json, depth int default 0) returns text language plpgsql immutable parallel safe as $$
declare
    kind text := json_typeof(value);
    written text;
    names bigint;
    different bigint;
    number text[];
    digits text;
    power numeric;
begin
    if kind in ('object', 'array') and depth >= 64 then
        raise exception using errcode = 'ENJSN', message = 'The JSON is nested deeper than 64 levels.';
    end if;

    case kind
    when 'object' then
        select '{' || coalesce(string_agg(to_json(e.name)::text || ':' || {schema}.canonical_json(e.element, depth + 1), ',' order by e.n), '') || '}',
               count(*), count(distinct e.name collate "C")
          into written, names, different
          from json_each(value) with ordinality as e (name, element, n);
        if different < names then
            raise exception using errcode = 'ENJSN', message = 'A property occurs twice in one object.';
        end if;
    when 'array' then
        select '[' || coalesce(string_agg({schema}.canonical_json(e.element, depth + 1), ',' order by e.n), '') || ']'
          into written
          from json_array_elements(value) with ordinality as e (element, n);
    when 'string' then
        written := to_json(value #>> '{}')::text;
    when 'number' then
        number := regexp_match(value::text, '([0-9]+)(?:[.]([0-9]+))?(?:[eE]([+-]?[0-9]+))?');
        digits := number[1] || coalesce(number[2], '');
        -- An exponent of very many digits is beyond what even numeric holds, leading zeros aside.
        power := case when length(ltrim(number[3], '+-0')) > 4 then 9999 else coalesce(number[3], '0')::numeric end;
        if abs(power) > 350 or length(digits) > 699 or length(btrim(digits, '0')) > 40
           or length(number[1]) + power > 309 or length(digits) - length(number[1]) - power > 390 then
            raise exception using errcode = 'ENJSN', message = 'A number has more than 40 digits or lies beyond the range of a double.';
        end if;
        written := value::text::numeric::text;
    else
        written := value #>> '{}';
        written := coalesce(written, 'null');
    end case;

    return written;
end
$$;
