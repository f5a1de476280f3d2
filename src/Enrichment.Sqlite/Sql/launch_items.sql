-- Makes a batch's items, their first states, their ranges and the launch event, bucket after bucket by primary key. The rows come as runs within a bucket,
-- so that the cost depends on these rows, not on the upload.
-- Called by LaunchAsync, in the transaction of launch_batch.
insert into {schema}.batch_items (bucket, batch, item)
select r.bucket, @batch, r.row
  from json_each(@runs) run
 cross join {schema}.upload_rows r
 where r.bucket = run.value ->> 0
   and r.upload = @upload
   and r.row between run.value ->> 1 and run.value ->> 2;

insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at)
with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63)
select i.bucket, @batch, 1, i.item, {status.pending}, 1, @now, @now
  from b
 cross join {schema}.batch_items i
 where i.bucket = b.bucket
   and i.batch = @batch;

insert into {schema}.ranges (bucket, batch, stage, pending, due_at)
with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63)
select i.bucket, @batch, 1, count(*), @now
  from b
 cross join {schema}.batch_items i
 where i.bucket = b.bucket
   and i.batch = @batch
 group by i.bucket;

insert into {schema}.batch_events (batch, kind, detail, at)
values (@batch, 'launched', @detail, @now);

update {schema}.batches as b
   set items = (select coalesce(sum(r.pending), 0) from {schema}.ranges r where r.bucket between 0 and 63 and r.batch = @batch)
 where b.batch = @batch
returning items;
