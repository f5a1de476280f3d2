-- Adds issues of a version. Called by ConsolidateAsync and BuildAsync.
insert into {schema}.projection_issues (bucket, projection, version, batch, item, "column", source, reason, value, number, child_key)
select i.bucket, @projection, @version, i.batch, i.item, i."column", i.source, i.reason, i.value, i.number, i.child_key
  from unnest(@buckets, @batches, @items, @columns, @sources, @reasons, @values, @numbers, @keys) i (bucket, batch, item, "column", source, reason, value, number, child_key);
