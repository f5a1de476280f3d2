-- The ranges in which items wait for some asks of a batch, and for which. Index: entity_waits_for, once a bucket. Called by ShareAsync.
select distinct w.bucket, w.batch, w.stage, w.ask_item
  from json_each(@buckets) b
 cross join json_each(@askItems) a
 cross join {schema}.entity_waits w
 where w.bucket = b.value
   and w.ask_batch = @askBatch
   and w.ask_item = a.value;
