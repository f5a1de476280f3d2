-- Forgets that the consolidation of a batch failed. Index: primary key. Called by ConsolidateAsync.
delete from {schema}.projection_failures
 where projection = @projection
   and batch = @batch;
