-- The batches of a projection's table, the oldest first.
-- Index: primary key. Called by RebuildAsync.
select batch
  from {schema}.projection_batches
 where projection = @projection
 order by batch;
