-- How many issues each column of a batch has.
-- Index: primary key, bucket by bucket. Called by ConsolidateAsync and RebuildAsync.
with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63)
select i."column", count(*)
  from b
 cross join {schema}.projection_issues i
 where i.bucket = b.bucket
   and i.projection = @projection
   and i.version = @version
   and i.batch = @batch
 group by i."column";
