-- Whether the database has an object of a name, and whether it is the view of a projection's own table. No row: there is none.
-- Called by whatever makes tables of projections.
select type = 'view' and instr(sql, @mark) > 0
  from sqlite_master
 where name = @table;
