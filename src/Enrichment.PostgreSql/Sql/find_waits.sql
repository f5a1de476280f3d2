-- The ranges in which items wait for some asks of a batch: a plain read. Index: entity_waits_for, once a bucket. Called by ShareAsync.
select distinct w.bucket, w.batch, w.stage
  from {schema}.entity_waits w
 where w.bucket = any (@buckets::smallint[])
   and w.ask_batch = @askBatch
   and w.ask_item = any (@askItems::int[]);
