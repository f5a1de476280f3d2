-- A value; null if it is JSON's null or a blank string.
create or replace function {schema}.cell_present(value jsonb) returns jsonb language sql immutable parallel safe
return case jsonb_typeof(value)
         when 'null' then null
         when 'string' then case when btrim(value #>> '{}', E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') <> '' then value end
         else value
       end;

create or replace function {schema}.cell_present(value json) returns json language sql immutable parallel safe
return case json_typeof(value)
         when 'null' then null
         when 'string' then case when btrim(value #>> '{}', E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') <> '' then value end
         else value
       end;
