-- Notes that a vendor asks external workers to slow down: for as long as it says; else for twice as long with each pause that such a
-- request follows, until the vendor answers (count_failures, return_permits). Calls that were in flight together report it together: that counts once. It is
-- an answer too: the vendor does not count as failing. Index: the primary key. Called by SlowDownAsync.
update {schema}.limits as l
   set slowdowns = s.slowdowns + case when s.together then 0 else 1 end,
       paused_until = max(coalesce(l.paused_until, 0), s.until), next_at = max(l.next_at, s.until), failing = 0, failures = 0, probe = null
  from (select k.slowdowns, k.together,
               @now + coalesce(@asked, case when k.together then 0 else min(@first * (1 << min(k.slowdowns, 30)), @longest) end) as until
          from (select slowdowns, failing = 0 and coalesce(paused_until > @now, 0) as together
                  from {schema}.limits
                 where bucket = @bucket
                   and name = @name) k) s
 where l.bucket = @bucket
   and l.name = @name;
