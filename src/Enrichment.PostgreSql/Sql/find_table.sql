-- Whether the schema has a relation of a name, and whether it is the view of a projection's own table. No row: there is none.
-- Index: pg_class by name. Called by whatever makes tables of projections.
select c.relkind = 'v' and strpos(pg_catalog.pg_get_viewdef(c.oid), @mark) > 0
  from pg_catalog.pg_class c
 where c.relnamespace = '{schema}'::regnamespace
   and c.relname = @table;
