-- Begins to fill a version's table with a batch, from its first item. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_batches (projection, version, batch, filling, again, bucket, item, lists, lists_since)
values (@projection, @version, @batch, @filling, @again, @bucket, @item, @lists, nullif(@since, -1))
on conflict (projection, version, batch) do update
   set filling = excluded.filling,
       again = excluded.again,
       bucket = excluded.bucket,
       item = excluded.item,
       lists = excluded.lists,
       filled = case when not @whole and excluded.filling = {schema}.projection_batches.noted then {schema}.projection_batches.filled end,
       lists_since = excluded.lists_since,
       shown = case when @whole then null else {schema}.projection_batches.shown end;
