-- Notes that a vendor asks external workers to slow down: for as long as it says; else for twice as long with each pause that such a
-- request follows, until the vendor answers (count_failures, return_permits). Calls that were in flight together report it together: that counts once. It is
-- an answer too: the vendor does not count as failing. Runs behind lock_limit. Locks: the limit. Index: the primary
-- key. Called by SlowDownAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
seen as (
    select clock.now, l.slowdowns, l.failing = 0 and coalesce(l.paused_until > clock.now, false) as together
      from clock
     cross join {schema}.limits l
     where l.bucket = @bucket
       and l.name = @name),
pause as (
    select s.slowdowns + case when s.together then 0 else 1 end as slowdowns,
           s.now + coalesce(@asked, case when s.together then interval '0'
                                         else least(@first * power(2, least(s.slowdowns, 30)), @longest) end) as until
      from seen s)
update {schema}.limits l
   set slowdowns = p.slowdowns,
       paused_until = greatest(l.paused_until, p.until),
       next_at = greatest(l.next_at, p.until),
       failing = 0, failures = 0, probe = null
  from pause p
 where l.bucket = @bucket
   and l.name = @name;
