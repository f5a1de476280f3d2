-- Minutes east of UTC, from an offset such as +05:30, -08 or nothing.
create or replace function {schema}.cell_offset(written text) returns int language sql immutable parallel safe
return case when written is null then 0
            else (case when left(written, 1) = '-' then -1 else 1 end)
                 * (substr(written, 2, 2)::int * 60 + case when length(written) > 3 then right(written, 2)::int else 0 end)
       end;
