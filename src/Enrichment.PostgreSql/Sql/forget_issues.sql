-- Removes a projection's issues in a bucket: of one batch, or if @batch is null of all that can be read again.
-- Index: primary key. Called by ConsolidateAsync and RebuildAsync.
delete from {schema}.projection_issues
 where bucket = @bucket
   and projection = @projection
   and (batch = @batch
        or (@batch::int is null and batch not in (select b.batch from {schema}.batches b where b.pruned_at is not null)));
