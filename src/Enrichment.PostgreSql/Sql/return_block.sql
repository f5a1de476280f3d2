-- Gives back what a block holds: its slots, and the time of its last calls if nobody was given what follows. What became of the one call to a failing vendor
-- decides: it answers again, or is left alone for twice as long, a quarter of an hour at most; if the call was not made, the next one is let through. Without effect
-- the second time. Runs behind lock_limit, so that a limit is locked before its blocks, as by lease_block. Index: the primary keys. Called by ReturnBlockAsync.
with clock as (
    select coalesce(@now, clock_timestamp()) as now),
ended as (
    update {schema}.limit_blocks b
       set slots = 0, calls = b.calls - @unused, returned_at = clock.now
      from clock
     where b.bucket = @bucket
       and b.name = @name
       and b.block = @block
       and b.returned_at is null
    returning b.ends_at, (b.ends_at - b.starts_at) / greatest(b.calls + @unused, 1) * @unused as unused)
update {schema}.limits l
   set next_at = case when l.next_at = ended.ends_at then l.next_at - ended.unused else l.next_at end,
       failing = case when l.probe is distinct from @block then l.failing when @answered then 0 when @failed then l.failing + 1 else l.failing end,
       paused_until = case when l.probe is distinct from @block then l.paused_until
                           when @answered then null
                           when @failed then clock.now + least(@pause * power(2, least(l.failing, 10)), interval '15 minutes')
                           else clock.now end,
       probe = case when l.probe = @block then null else l.probe end
  from clock, ended
 where l.bucket = @bucket
   and l.name = @name;
