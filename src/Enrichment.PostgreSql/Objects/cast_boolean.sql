-- A text as true or false; null if it is neither. The rule is that of Consolidation/README.md in the core. A pattern guards each
-- conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_boolean(trimmed text) returns boolean language sql immutable parallel safe
return case lower(trimmed collate "C")
         when 'true' then true when 't' then true when 'yes' then true when 'y' then true when '1' then true
         when 'false' then false when 'f' then false when 'no' then false when 'n' then false when '0' then false
       end;
