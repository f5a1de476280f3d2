-- Whether the schema has a relation of a name, be it a table or anything else that a table could not stand beside. No row: none.
-- Index: pg_class by name. Called by ConsolidateAsync and RebuildAsync.
select 1
  from pg_catalog.pg_class c
 where c.relnamespace = '{schema}'::regnamespace
   and c.relname = @table;
