-- Values of a batch that no bucket has, in the live tables of all projections, with how many items have each: those that at least so many have.
-- Index: primary key of the issues, bucket by bucket. Called by DriftDetector.
select i.projection, i."column", i.value, count(*)::int as items
  from generate_series(0, 63) g
 cross join {schema}.projections p
  join {schema}.projection_issues i on i.bucket = g and i.projection = p.name and i.version = p.live and i.batch = @batch
 where i.reason = @reason
 group by i.projection, i."column", i.value
having count(*) >= @least
 order by i.projection, i."column", i.value;
