-- Takes or renews a task by compare-and-set on its row: it is due and free, or its holder's time has ended, or the caller holds it. Returns a row if the
-- caller holds it now.
-- Called by TakeSingletonLeaseAsync.
insert into {schema}.singleton_leases as d (name, owner, until, due_at)
values (@name, @owner, @now + @duration, @now)
on conflict (name) do update
   set owner = excluded.owner, until = excluded.until
 where (d.owner = excluded.owner and d.until > @now)
    or (d.due_at <= @now and (d.owner is null or d.until <= @now))
returning 1;
