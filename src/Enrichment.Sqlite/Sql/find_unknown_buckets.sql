-- Values of a batch that no bucket has, in the live tables of all projections, with how many items have each: those that at least so many have.
-- Index: primary key of the issues, bucket by bucket. Called by DriftDetector.
with recursive b (bucket) as (values (0) union all select bucket + 1 from b where bucket < 63)
select i.projection, i."column", i.value, count(*) as items
  from b
 cross join {schema}.projections p
 cross join {schema}.projection_issues i
 where i.bucket = b.bucket
   and i.projection = p.name
   and i.version = p.live
   and i.batch = @batch
   and i.reason = @reason
 group by i.projection, i."column", i.value
having count(*) >= @least
 order by i.projection, i."column", i.value;
