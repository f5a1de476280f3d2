-- Which of some names the database has an object of, and whether it is the view of a projection's own table.
-- Called by whatever makes or reads tables of projections.
select name, type = 'view' and instr(sql, @mark) > 0
  from sqlite_master
 where name in (select value from json_each(@tables));
