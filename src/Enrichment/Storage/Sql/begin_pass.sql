-- Begins to fill a version's table with a batch, from its first item. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_batches (projection, version, batch, filling, again, bucket, item, lists)
values (@projection, @version, @batch, @filling, @again, @bucket, @item, @lists)
on conflict (projection, version, batch) do update
   set filling = excluded.filling,
       again = excluded.again,
       bucket = excluded.bucket,
       item = excluded.item,
       lists = excluded.lists,
       filled = null,
       shown = case when @whole then null else {schema}.projection_batches.shown end;
