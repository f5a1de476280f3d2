-- Notes which ended version of a batch a projection's table shows; null if the batch was still working.
-- Index: primary key. Called by ConsolidateAsync and RebuildAsync.
update {schema}.projection_batches
   set version = @version
 where projection = @projection
   and batch = @batch;
