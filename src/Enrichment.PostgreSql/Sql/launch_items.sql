-- Makes a batch's items, their first states, their ranges and the launch event. The rows come as runs within a bucket and are found by their key, so that the
-- cost depends on these rows, not on the upload or on other uploads. Index: primary keys. Called by LaunchAsync, in the transaction of launch_batch.
with item as (
    insert into {schema}.batch_items (bucket, batch, item)
    select chosen.bucket, @batch, chosen.row
      from unnest(@buckets::smallint[], @firsts::int[], @lasts::int[]) as run (bucket, first, last)
     cross join lateral (select r.bucket, r.row
                           from {schema}.upload_rows r
                          where r.bucket = run.bucket and r.upload = @upload and r.row between run.first and run.last
                         offset 0) chosen
    returning bucket, item),
state as (
    insert into {schema}.workflow_states (bucket, batch, stage, item, status, generation, due_at, updated_at)
    select i.bucket, @batch, 1, i.item, {status.pending}, 1, coalesce(@now, clock_timestamp()), coalesce(@now, clock_timestamp())
      from item i)
insert into {schema}.ranges (bucket, batch, stage, pending, due_at)
select i.bucket, @batch, 1, count(*), coalesce(@now, clock_timestamp())
  from item i
 group by i.bucket;

insert into {schema}.batch_events (batch, kind, detail, at)
values (@batch, 'launched', @detail::json, coalesce(@now, clock_timestamp()));

update {schema}.batches b
   set items = (select coalesce(sum(r.pending), 0) from {schema}.ranges r where r.bucket between 0 and 63 and r.batch = @batch)
 where b.batch = @batch
returning b.items;
