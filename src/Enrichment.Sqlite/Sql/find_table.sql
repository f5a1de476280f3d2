-- Whether the database has an object of a name: a table, or another object that excludes a table of that name. No row: none.
-- Called by ConsolidateAsync and RebuildAsync.
select 1
  from sqlite_master
 where name = @table;
