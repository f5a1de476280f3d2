-- Ranges with terminal states that the sequencer has not advanced yet: states that were completed outside the engine, and entity requests whose waiters are
-- to be completed. The cost grows with open ranges, not with ended ones.
-- Index: ranges_open. Called by FindToAdvanceAsync.
select r.bucket, r.batch, r.stage
  from {schema}.ranges r
  join {schema}.batches b on b.batch = r.batch
 where r.bucket between 0 and 63
   and r.to_advance > 0
   and (b.status in ({batch.pending}, {batch.running}, {batch.paused}) or b.entity_requests)
 limit @limit;
