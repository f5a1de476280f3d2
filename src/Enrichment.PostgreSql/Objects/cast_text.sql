-- A JSON value as text; null for an object or a list. The rule is that of Consolidation/README.md in the core. A pattern guards each
-- conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_text(value jsonb) returns text language sql immutable parallel safe
return case when jsonb_typeof(value) not in ('object', 'array') then value #>> '{}' end;
