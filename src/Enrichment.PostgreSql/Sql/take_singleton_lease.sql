-- Takes or renews a task by compare-and-set on its row: it is due and free, or its holder's time has ended, or the caller holds it. Returns a row if the
-- caller holds it now.
-- Locks: the task. Called by TakeSingletonLeaseAsync.
insert into {schema}.singleton_leases as d (name, owner, until, due_at)
values (@name, @owner, coalesce(@now, clock_timestamp()) + @duration, coalesce(@now, clock_timestamp()))
on conflict (name) do update
   set owner = excluded.owner, until = excluded.until
 where (d.owner = excluded.owner and d.until > coalesce(@now, clock_timestamp()))
    or (d.due_at <= coalesce(@now, clock_timestamp()) and (d.owner is null or d.until <= coalesce(@now, clock_timestamp())))
returning true;
