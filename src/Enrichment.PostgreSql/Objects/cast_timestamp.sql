-- A text as an instant; null if it is not one. Seconds, if any, begin at the 17th character, and the offset follows them. The first and the
-- last year take no offset: it could leave the calendar. The rule is that of Consolidation/README.md in the core. A pattern guards each
-- conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_timestamp(trimmed text) returns timestamptz language sql immutable parallel safe
return case when length(trimmed) > 10 and {schema}.cell_has_day(trimmed) then
         case when left(trimmed, 4) not in ('0001', '9999') or substr(trimmed, 17) !~ '[+-]' then
           (make_timestamp(
              left(trimmed, 4)::int, substr(trimmed, 6, 2)::int, substr(trimmed, 9, 2)::int,
              substr(trimmed, 12, 2)::int, substr(trimmed, 15, 2)::int,
              coalesce(substring(substr(trimmed, 17) from '^:([0-9]{2}(?:[.][0-9]{1,6})?)'), '0')::float8)
            - interval '1 minute' * {schema}.cell_offset(substring(substr(trimmed, 17) from '[+-][0-9:]+$'))) at time zone 'UTC'
         end
       end;
