-- Notes how far a pass has come. Index: primary key. Called by ConsolidateAsync and BuildAsync.
update {schema}.projection_batches
   set bucket = @bucket, item = @item, counted = coalesce(nullif(@counted, ''), counted)
 where projection = @projection
   and version = @version
   and batch = @batch;
