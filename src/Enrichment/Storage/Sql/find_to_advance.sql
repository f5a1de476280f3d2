-- Ranges with terminal states on which the sequencer has yet to act: those that others than the engine completed, and entity requests whose waiters are to be completed. Costs what is open, not what has ended.
-- Index: ranges_open. Called by FindToAdvanceAsync.
select r.bucket, r.batch, r.stage
  from {schema}.ranges r
  join {schema}.batches b on b.batch = r.batch
 where r.bucket between 0 and 63
   and r.to_advance > 0
   and (b.status in ({batch.pending}, {batch.running}, {batch.paused}) or b.entity_requests)
 limit @limit;
