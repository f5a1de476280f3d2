-- How many issues each column of a batch has in a bucket.
-- Index: primary key. Called by ConsolidateAsync and RebuildAsync.
select "column", count(*)
  from {schema}.projection_issues
 where bucket = @bucket
   and projection = @projection
   and batch = @batch
 group by "column";
