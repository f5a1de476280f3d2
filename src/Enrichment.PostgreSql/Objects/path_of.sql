-- Where a produced field stands in its step's result: at its JSON pointer, else in the property of its full name.
create or replace function {schema}.path_of(field text, pointer text) returns text[] language sql immutable parallel safe
return case when pointer is null then array[field]
            else (select array_agg(replace(replace(p.segment, '~1', '/'), '~0', '~') order by p.n)
                    from string_to_table(substr(pointer, 2), '/') with ordinality as p (segment, n)) end;
