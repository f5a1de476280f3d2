-- A JSON value as a list of texts; a single value is a list of one. The rule is that of Consolidation/README.md in the core. A pattern
-- guards each conversion, because PostgreSQL 15 cannot try one. Called by projections.
create or replace function {schema}.cast_text_list(value jsonb) returns text[] language sql immutable parallel safe
return case jsonb_typeof(value)
         when 'object' then null
         when 'array' then
           case when not exists (select from jsonb_array_elements(value) as e(element) where jsonb_typeof(element) in ('object', 'array'))
                then array(select element #>> '{}'
                             from jsonb_array_elements(value) with ordinality as e(element, position)
                            where {schema}.cell_present(element) is not null
                            order by position)
           end
         else case when value is not null then array[value #>> '{}'] end
       end;
