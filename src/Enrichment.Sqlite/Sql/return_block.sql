-- Gives back what a block holds: its slots, and the time of its last calls if nobody was given what follows. What became of the one call to a failing vendor
-- decides: it answers again, or is left alone for twice as long, a quarter of an hour at most; if the call was not made, the next one is let through. Without effect
-- the second time. Index: the primary keys. Called by ReturnBlockAsync.
update {schema}.limits as l
   set next_at = case when l.next_at = b.ends_at then l.next_at - (b.ends_at - b.starts_at) * @unused / max(b.calls, 1) else l.next_at end,
       failing = case when l.probe is not @block then l.failing when @answered then 0 when @failed then l.failing + 1 else l.failing end,
       paused_until = case when l.probe is not @block then l.paused_until
                           when @answered then null
                           when @failed then @now + min(@pause * (1 << min(l.failing, 10)), 900000)
                           else @now end,
       probe = case when l.probe = @block then null else l.probe end
  from {schema}.limit_blocks b
 where l.bucket = @bucket
   and l.name = @name
   and b.bucket = @bucket
   and b.name = @name
   and b.block = @block
   and b.returned_at is null;

update {schema}.limit_blocks
   set slots = 0, calls = calls - @unused, returned_at = @now
 where bucket = @bucket
   and name = @name
   and block = @block
   and returned_at is null;
