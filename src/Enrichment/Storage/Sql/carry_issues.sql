-- Copies a pruned batch's issues in a bucket from one version to another, but for those of folded rows: these are folded anew. Index: primary key. Called by BuildAsync and RollBackAsync.
insert into {schema}.projection_issues (bucket, projection, version, batch, item, "column", source, reason, value, number, child_key)
select i.bucket, i.projection, @version, i.batch, i.item, i."column", i.source, i.reason, i.value, i.number, i.child_key
  from {schema}.projection_issues i
 where i.bucket = @bucket
   and i.projection = @projection
   and i.version = @from
   and i.batch = @batch
   and i.number >= 0
on conflict do nothing;
