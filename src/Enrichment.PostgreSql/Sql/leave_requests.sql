-- Ends the waits of the items that were cancelled in one bucket of a batch, and returns the requests that they waited for. Runs behind cancel_bucket, in its
-- transaction.
-- Index: the primary keys of entity_waiters and workflow_states. Called by CancelBucketAsync.
with left_ as (
    delete from {schema}.entity_waiters w
     where w.bucket = @bucket
       and w.batch = @batch
       and not exists (select 1
                         from {schema}.workflow_states s
                        where s.bucket = @bucket and s.batch = @batch and s.stage = w.stage and s.item = w.item and s.status = {status.in_progress} and s.waits = {waits.entity})
    returning w.request_bucket, w.request_batch, w.request_item)
select distinct request_bucket, request_batch, request_item
  from left_;
