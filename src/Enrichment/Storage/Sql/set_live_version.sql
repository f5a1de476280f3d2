-- Notes which version of a projection its view shows, and the view's name. Called by ApplyAsync and RollBackAsync.
update {schema}.projections
   set live = @version, "table" = @table
 where name = @projection;
