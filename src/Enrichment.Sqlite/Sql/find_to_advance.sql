-- Ranges with terminal states on which the sequencer has yet to act: those that others than the engine completed. Costs what is open, not what has ended.
-- Index: batches_open, ranges by key. Called by FindToAdvanceAsync.
with recursive g (bucket) as (values (0) union all select bucket + 1 from g where bucket < 63)
select r.bucket, r.batch, r.stage
  from {schema}.batches b
 cross join g
 cross join {schema}.ranges r
 where b.status in (0, 1, 2)
   and r.bucket = g.bucket
   and r.batch = b.batch
   and r.to_advance > 0
 limit @limit;
