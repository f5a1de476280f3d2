-- A text as a day; null if the calendar has no such day. The rule is that of Consolidation/README.md in the core. A pattern guards each
-- conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_date(trimmed text) returns date language sql immutable parallel safe
return case when {schema}.cell_has_day(trimmed)
            then make_date(left(trimmed, 4)::int, substr(trimmed, 6, 2)::int, substr(trimmed, 9, 2)::int)
       end;
