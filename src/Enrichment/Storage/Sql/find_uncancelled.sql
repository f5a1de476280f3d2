-- Buckets of cancelled batches that still hold open states: a crash came between. Index: ranges_open. Called by FindUncancelledAsync.
select distinct r.batch, r.bucket
  from {schema}.ranges r
  join {schema}.batches b on b.batch = r.batch
 where r.bucket between 0 and 63
   and (r.pending > 0 or r.in_progress > 0)
   and b.status = {batch.cancelled};
