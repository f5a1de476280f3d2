-- Which of some names the schema has a relation of, and whether it is the view of a projection's own table.
-- Index: pg_class by name. Called by whatever makes or reads tables of projections.
select c.relname, c.relkind = 'v' and strpos(pg_catalog.pg_get_viewdef(c.oid), @mark) > 0
  from pg_catalog.pg_class c
 where c.relnamespace = '{schema}'::regnamespace
   and c.relname = any(@tables);
