-- Pauses a limit for a time: no block is given; a longer pause stays, and later blocks begin at its end. A failing vendor is noted once: then the one
-- admitted call decides. Locks: the limit. Called by PauseLimitAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now)
insert into {schema}.limits as l (bucket, name, next_at, paused_until, failing)
select @bucket, @name, clock.now + @pause, clock.now + @pause, case when @failing then 1 else 0 end
  from clock
on conflict (bucket, name) do update
   set next_at = greatest(l.next_at, excluded.next_at), paused_until = greatest(l.paused_until, excluded.paused_until), failing = excluded.failing, probe = null
 where not (@failing and l.failing > 0);
