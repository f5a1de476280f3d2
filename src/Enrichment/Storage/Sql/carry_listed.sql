-- Copies the values that a pruned batch has in a column of a list from one version to another. Index: projection_list_items. Called by BuildAsync and RollBackAsync.
insert into {schema}.projection_list_values (bucket, projection, version, client, "column", value, batch, item)
select v.bucket, v.projection, @version, v.client, @column, v.value, v.batch, v.item
  from {schema}.projection_list_values v
 where v.bucket = @bucket
   and v.projection = @projection
   and v.version = @from
   and v.client = @client
   and v.batch = @batch
   and v."column" = @old
on conflict do nothing
returning "column", value;
