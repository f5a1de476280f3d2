-- A block of a batch's items with their uploaded rows and the state of the latest stage, each by its whole key (see read_items). Index: primary keys.
-- Called by ReadItemsAsync, block after block.
select i.item, u.raw, f.stage, f.status, f.error
  from {schema}.batch_items i
 cross join lateral (select r.raw
                       from {schema}.upload_rows r
                      where r.bucket = @bucket and r.upload = @upload and r.row = i.item
                     offset 0) u
 cross join lateral (select p.stage, s.status, s.error
                       from unnest(@stages::smallint[]) as p (stage)
                      cross join lateral (select w.status, w.error
                                            from {schema}.workflow_states w
                                           where w.bucket = @bucket and w.batch = @batch and w.stage = p.stage and w.item = i.item
                                          offset 0) s
                      order by p.stage desc
                      limit 1) f
 where i.bucket = @bucket
   and i.batch = @batch
   and i.item between @first and @last
 order by i.item;
