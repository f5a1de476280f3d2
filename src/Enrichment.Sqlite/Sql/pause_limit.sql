-- Lets no block of a limit be given for a time; a longer pause stays, and what comes after it begins there. That a vendor fails is noted once: what follows is decided
-- by the one call that is let through then. Called by PauseLimitAsync.
insert into {schema}.limits as l (bucket, name, next_at, paused_until, failing)
values (@bucket, @name, @now + @pause, @now + @pause, @failing)
on conflict (bucket, name) do update
   set next_at = max(l.next_at, excluded.next_at), paused_until = max(coalesce(l.paused_until, 0), excluded.paused_until), failing = excluded.failing, probe = null
 where not (@failing and l.failing > 0);
