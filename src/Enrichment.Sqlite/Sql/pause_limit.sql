-- Pauses a limit for a time: no block is given; a longer pause stays, and later blocks begin at its end. A failing vendor is noted once: then the one
-- admitted call decides. Called by PauseLimitAsync.
insert into {schema}.limits as l (bucket, name, next_at, paused_until, failing)
values (@bucket, @name, @now + @pause, @now + @pause, @failing)
on conflict (bucket, name) do update
   set next_at = max(l.next_at, excluded.next_at), paused_until = max(coalesce(l.paused_until, 0), excluded.paused_until), failing = excluded.failing, probe = null
 where not (@failing and l.failing > 0);
