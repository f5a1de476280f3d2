-- Notes what a pass over all items of a batch has counted so far. Index: primary key. Called by ConsolidateAsync and BuildAsync.
update {schema}.projection_batches
   set filled = @filled
 where projection = @projection
   and version = @version
   and batch = @batch;
