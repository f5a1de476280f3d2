-- Removes a projection's issues in a bucket: of one batch, or of all if @batch is null.
-- Index: primary key. Called by ConsolidateAsync and RebuildAsync.
delete from {schema}.projection_issues
 where bucket = @bucket
   and projection = @projection
   and (@batch is null or batch = @batch);
