-- Whether the schema has a relation of a name: a table, or another object that excludes a table of that name. No row: none.
-- Index: pg_class by name. Called by ConsolidateAsync and RebuildAsync.
select 1
  from pg_catalog.pg_class c
 where c.relnamespace = '{schema}'::regnamespace
   and c.relname = @table;
