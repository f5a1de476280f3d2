-- A text as a whole number; null if it is not one. The rule is that of Consolidation/README.md in the core. A pattern guards each
-- conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_integer(trimmed text) returns bigint language sql immutable parallel safe
return case
         when trimmed ~ '^[0-9]{1,18}$' then trimmed::bigint
         when length(trimmed) > 40 or length(translate(trimmed, '+-,.', '')) > 28 then null
         when trimmed ~ '^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)([.]0+)?$' then
           case when replace(trimmed, ',', '')::numeric between -9223372036854775808 and 9223372036854775807
                then replace(trimmed, ',', '')::numeric::bigint
           end
       end;
