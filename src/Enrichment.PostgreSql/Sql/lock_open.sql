-- Locks the open states of one bucket of a cancelled batch, so that the statement behind it in the same transaction sees them, and the attempts of those that were
-- just sent, as they are. Index: the primary key of workflow_states by (bucket, batch). Called by CancelBucketAsync, before cancel_bucket.
select count(*)::int
  from (select 1
          from {schema}.workflow_states s
          join {schema}.batches b on b.batch = s.batch
         where s.bucket = @bucket
           and s.batch = @batch
           and s.status in ({status.pending}, {status.in_progress})
           and b.status = {batch.cancelled}
         order by s.stage, s.item
           for update of s) open;
