-- Adds the values of lists that some items of a batch have. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_list_values (bucket, projection, version, client, "column", value, batch, item)
select n.value ->> 0, @projection, @version, @client, n.value ->> 1, unhex(n.value ->> 2), @batch, n.value ->> 3
  from json_each(@listed) n
 where true
on conflict do nothing
returning "column", value;
