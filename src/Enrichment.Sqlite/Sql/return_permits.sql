-- Gives back a block: its slots, and the time of its last calls if no later block was given. The result of the one call to a failing vendor decides: the
-- vendor answers again, or calls pause twice as long, 15 minutes at most; if the call was not made, the next one is admitted. If a worker makes that call,
-- its report decides: until then it is out, 15 minutes at most. Failures one after the other
-- are counted over all hosts; with too many, calls to the vendor pause. Without effect the second time. Index: the primary keys. Called by
-- ReturnPermitsAsync.
update {schema}.limits as l
   set next_at = case when b.failures >= @breakAfter then max(l.next_at, @now + @pause)
                      when l.next_at = b.ends_at then l.next_at - (b.ends_at - b.starts_at) * @unused / max(b.calls, 1) else l.next_at end,
       failures = case when b.failures >= @breakAfter then 0 else b.failures end,
       slowdowns = case when @answered then 0 else l.slowdowns end,
       failing = case when b.failures >= @breakAfter then 1
                      when l.probe is not @block then l.failing when @answered then 0 when @failed then l.failing + 1 else l.failing end,
       paused_until = case when b.failures >= @breakAfter then max(coalesce(l.paused_until, 0), @now + @pause)
                           when l.probe is not @block then l.paused_until
                           when @out then @now + 900000
                           when @answered then null
                           when @failed then @now + min(@pause * (1 << min(l.failing, 10)), 900000)
                           else @now end,
       probe = case when l.probe = @block and not @out then null else l.probe end
  from (select e.starts_at, e.ends_at, e.calls, case when k.failing > 0 then 0 when @answered then @failures else k.failures + @failures end as failures
          from {schema}.permit_blocks e
          join {schema}.limits k on k.bucket = e.bucket and k.name = e.name
         where e.bucket = @bucket
           and e.name = @name
           and e.block = @block
           and e.returned_at is null) b
 where l.bucket = @bucket
   and l.name = @name;

update {schema}.permit_blocks
   set slots = 0, calls = calls - @unused, returned_at = case when not @out then @now end, until = case when @out then @now else until end
 where bucket = @bucket
   and name = @name
   and block = @block
   and returned_at is null;
