-- Ends the waits of the items that were cancelled in one bucket of a batch, and returns the requests that they waited for. Runs behind cancel_bucket, in its
-- transaction.
-- Index: the primary keys of entity_waiters and workflow_states. Called by CancelBucketAsync.
delete from {schema}.entity_waiters
 where bucket = @bucket
   and batch = @batch
   and not exists (select 1
                     from {schema}.workflow_states s
                    where s.bucket = @bucket and s.batch = @batch and s.stage = entity_waiters.stage and s.item = entity_waiters.item and s.status = {status.in_progress} and s.waits = {waits.entity})
returning request_bucket, request_batch, request_item;
