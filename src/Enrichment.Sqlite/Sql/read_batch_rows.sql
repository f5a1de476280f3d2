-- A block of a batch's items with their uploaded rows and the state of the latest stage. Index: primary keys. Called by ReadItemsAsync, block after block.
select i.item, u.raw, f.stage, f.status, f.error
  from {schema}.batch_items i
 cross join {schema}.upload_rows u
 cross join {schema}.workflow_states f
 where i.bucket = @bucket
   and i.batch = @batch
   and i.item between @first and @last
   and u.bucket = @bucket
   and u.upload = @upload
   and u.row = i.item
   and f.bucket = @bucket
   and f.batch = @batch
   and f.item = i.item
   and f.stage = (select max(s.stage)
                    from json_each(@stages) k
                   cross join {schema}.workflow_states s
                   where s.bucket = @bucket
                     and s.batch = @batch
                     and s.stage = k.value
                     and s.item = i.item)
 order by i.item;
