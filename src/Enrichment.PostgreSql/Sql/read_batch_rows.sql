-- A block of a batch's items with their uploaded rows and the state of the latest stage. Index: primary keys. Called by ReadItemsAsync, block after block.
select i.item, u.raw, f.status, f.error
  from {schema}.batch_items i
  join {schema}.upload_rows u on u.bucket = i.bucket and u.upload = @upload and u.row = i.item
  join lateral (select s.status, s.error
                  from {schema}.workflow_states s
                 where s.bucket = i.bucket and s.batch = i.batch and s.stage = any (@stages) and s.item = i.item
                 order by s.stage desc
                 limit 1) f on true
 where i.bucket = @bucket
   and i.batch = @batch
   and i.item between @first and @last
 order by i.item;
