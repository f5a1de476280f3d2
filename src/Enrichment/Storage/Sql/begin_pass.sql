-- Begins to fill a version's table with a batch, from its first item. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_batches (projection, version, batch, filling, again, bucket, item)
values (@projection, @version, @batch, @filling, @again, @bucket, @item)
on conflict (projection, version, batch) do update
   set filling = excluded.filling,
       again = excluded.again,
       bucket = excluded.bucket,
       item = excluded.item;
