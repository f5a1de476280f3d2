-- Gives a duty back, done: it is due again after a pause. Changes nothing if another host has taken it over. Called by EndDutyAsync.
update {schema}.duties
   set owner = null, until = null, due_at = coalesce(@now, clock_timestamp()) + @pause
 where name = @name
   and owner = @owner;
