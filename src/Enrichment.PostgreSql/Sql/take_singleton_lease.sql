-- Takes or renews a task by compare-and-set on its row: it is due and nobody's, or its holder's time is over, or it is ours. Returns a row if it is ours now.
-- Locks: the task. Called by TakeSingletonLeaseAsync.
insert into {schema}.singleton_leases as d (name, owner, until, due_at)
values (@name, @owner, coalesce(@now, clock_timestamp()) + @duration, coalesce(@now, clock_timestamp()))
on conflict (name) do update
   set owner = excluded.owner, until = excluded.until
 where (d.owner = excluded.owner and d.until > coalesce(@now, clock_timestamp()))
    or (d.due_at <= coalesce(@now, clock_timestamp()) and (d.owner is null or d.until <= coalesce(@now, clock_timestamp())))
returning true;
