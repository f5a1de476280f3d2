-- How many issues each column of a batch has.
-- Index: primary key, bucket by bucket. Called by ConsolidateAsync and RebuildAsync.
select i."column", count(*)
  from generate_series(0, 63) g
  join {schema}.projection_issues i on i.bucket = g and i.projection = @projection and i.version = @version and i.batch = @batch
 group by i."column";
