-- Adds the values of lists that some items of a batch have. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_list_values (bucket, projection, version, client, "column", value, batch, item)
select n.bucket, @projection, @version, @client, n."column", n.value, @batch, n.item
  from unnest(@buckets, @columns, @values, @of) n (bucket, "column", value, item)
on conflict do nothing
returning "column", value;
