-- Notes which values of a client's lists have changed, with the count of the change. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_list_changes (bucket, projection, version, client, value, change)
select distinct n.bucket, @projection, @version, @client, n.value, @change
  from unnest(@buckets, @values) n (bucket, value)
on conflict (bucket, projection, version, client, value) do update set change = excluded.change;
