-- Gives a task back, done: it is due again after a pause. Changes nothing if another host has taken it over. Called by EndSingletonLeaseAsync.
update {schema}.singleton_leases
   set owner = null, until = null, due_at = coalesce(@now, clock_timestamp()) + @pause
 where name = @name
   and owner = @owner;
