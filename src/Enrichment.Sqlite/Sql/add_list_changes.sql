-- Notes which values of a client's lists have changed, with the count of the change. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_list_changes (bucket, projection, version, client, value, change)
select distinct n.value ->> 0, @projection, @version, @client, unhex(n.value ->> 2), @change
  from json_each(@listed) n
 where true
on conflict (bucket, projection, version, client, value) do update set change = excluded.change;
