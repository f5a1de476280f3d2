-- Ranges with terminal states on which the sequencer has yet to act: those that others than the engine completed. Costs what is open, not what has ended.
-- Index: batches_open, ranges by key. Called by FindToAdvanceAsync.
select r.bucket, r.batch, r.stage
  from {schema}.batches b
 cross join generate_series(0, 63) g
  join {schema}.ranges r on r.bucket = g and r.batch = b.batch
 where b.status in (0, 1, 2)
   and r.to_advance > 0
 limit @limit;
