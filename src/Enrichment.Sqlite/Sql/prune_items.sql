-- Deletes the rows of a block of items of a pruned batch, in one transaction of bounded size; nothing of a batch without the mark.
-- Index: primary keys, once a stage. Called by DeletePrunedAsync, block after block.
delete from {schema}.batch_items
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and item between @first and @last;

delete from {schema}.workflow_states
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;

delete from {schema}.state_history
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;

delete from {schema}.enrichment_results
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;

delete from {schema}.attempts
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;

delete from {schema}.inbox
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;

delete from {schema}.entities
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and item between @first and @last;

delete from {schema}.entity_waiters
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;

delete from {schema}.leases
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and lo between @first and @last;

delete from {schema}.external_tasks
 where bucket = @bucket
   and batch = (select b.batch from {schema}.batches b where b.batch = @batch and b.pruned_at is not null)
   and stage in (select value from json_each(@stages))
   and item between @first and @last;
