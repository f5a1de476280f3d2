-- The columns of a view in their order, with the names of their types as PostgreSQL's dialect of projections writes them.
-- Index: pg_class by name. Called by whatever lets a view show another version.
select a.attname,
       case pg_catalog.format_type(a.atttypid, null) when 'timestamp with time zone' then 'timestamptz' else pg_catalog.format_type(a.atttypid, null) end
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = '{schema}'::regnamespace
   and c.relname = @table
   and c.relkind = 'v'
 order by a.attnum;
