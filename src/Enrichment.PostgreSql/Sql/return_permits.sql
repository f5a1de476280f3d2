-- Gives back a block: its slots, and the time of its last calls if no later block was given. The result of the one call to a failing vendor decides: the
-- vendor answers again, or calls pause twice as long, 15 minutes at most; if the call was not made, the next one is admitted. If a worker makes that call,
-- its report decides: until then it is out, 15 minutes at most. Failures one after the other
-- are counted over all hosts; with too many, calls to the vendor pause. Without effect the second time. Runs behind lock_limit, so that a limit is locked
-- before its blocks, as by lease_permits. Index: the primary keys. Called by ReturnPermitsAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
ended as (
    update {schema}.permit_blocks b
       set slots = 0, calls = b.calls - @unused,
           returned_at = case when not @out then clock.now end, until = case when @out then clock.now else b.until end
      from clock
     where b.bucket = @bucket
       and b.name = @name
       and b.block = @block
       and b.returned_at is null
    returning b.ends_at, (b.ends_at - b.starts_at) / greatest(b.calls + @unused, 1) * @unused as unused),
counted as (
    select k.bucket, k.name, case when k.failing > 0 then 0 when @answered then @failures else k.failures + @failures end as failures
      from {schema}.limits k
     where k.bucket = @bucket
       and k.name = @name)
update {schema}.limits l
   set next_at = case when c.failures >= @breakAfter then greatest(l.next_at, clock.now + @pause)
                      when l.next_at = ended.ends_at then l.next_at - ended.unused else l.next_at end,
       failures = case when c.failures >= @breakAfter then 0 else c.failures end,
       slowdowns = case when @answered then 0 else l.slowdowns end,
       failing = case when c.failures >= @breakAfter then 1
                      when l.probe is distinct from @block then l.failing when @answered then 0 when @failed then l.failing + 1 else l.failing end,
       paused_until = case when c.failures >= @breakAfter then greatest(l.paused_until, clock.now + @pause)
                           when l.probe is distinct from @block then l.paused_until
                           when @out then clock.now + interval '15 minutes'
                           when @answered then null
                           when @failed then clock.now + least(@pause * power(2, least(l.failing, 10)), interval '15 minutes')
                           else clock.now end,
       probe = case when l.probe = @block and not @out then null else l.probe end
  from clock, ended, counted c
 where l.bucket = @bucket
   and l.name = @name;
