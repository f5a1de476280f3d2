-- Whether the database has an object of a name, be it a table or anything else that a table could not stand beside. No row: none.
-- Called by ConsolidateAsync and RebuildAsync.
select 1
  from sqlite_master
 where name = @table;
