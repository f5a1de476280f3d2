-- A text as a decimal number; null if it is not one. The rule is that of Consolidation/README.md in the core. A pattern guards each
-- conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_number(trimmed text) returns numeric language sql immutable parallel safe
return case
         when length(trimmed) > 40 or length(translate(trimmed, '+-,.', '')) > 28 then null
         when trimmed ~ '^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?$' then trim_scale(replace(trimmed, ',', '')::numeric)
       end;
