-- Adds a projection's issues. Called by ConsolidateAsync and RebuildAsync.
insert into {schema}.projection_issues (bucket, projection, batch, item, "column", source, reason, value, number, child_key)
select i.bucket, @projection, @batch, i.item, i."column", i.source, i.reason, i.value, i.number, i.child_key
  from unnest(@buckets, @items, @columns, @sources, @reasons, @values, @numbers, @keys) i (bucket, item, "column", source, reason, value, number, child_key);
