-- Takes or renews a task by compare-and-set on its row: it is due and nobody's, or its holder's time is over, or it is ours. Returns a row if it is ours now.
-- Called by TakeSingletonLeaseAsync.
insert into {schema}.singleton_leases as d (name, owner, until, due_at)
values (@name, @owner, @now + @duration, @now)
on conflict (name) do update
   set owner = excluded.owner, until = excluded.until
 where (d.owner = excluded.owner and d.until > @now)
    or (d.due_at <= @now and (d.owner is null or d.until <= @now))
returning 1;
