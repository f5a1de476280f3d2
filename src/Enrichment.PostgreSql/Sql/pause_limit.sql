-- Lets no block of a limit be given for a time; a longer pause stays, and what comes after it begins there. That a vendor fails is noted once: what follows is decided
-- by the one call that is let through then. Locks: the limit. Called by PauseLimitAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now)
insert into {schema}.limits as l (bucket, name, next_at, paused_until, failing)
select @bucket, @name, clock.now + @pause, clock.now + @pause, case when @failing then 1 else 0 end
  from clock
on conflict (bucket, name) do update
   set next_at = greatest(l.next_at, excluded.next_at), paused_until = greatest(l.paused_until, excluded.paused_until), failing = excluded.failing, probe = null
 where not (@failing and l.failing > 0);
