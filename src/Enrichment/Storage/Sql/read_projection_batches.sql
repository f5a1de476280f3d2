-- The batches of a projection's table, the oldest first, or those of them that were pruned.
-- Index: primary key. Called by RebuildAsync.
select p.batch
  from {schema}.projection_batches p
  join {schema}.batches b on b.batch = p.batch
 where p.projection = @projection
   and (b.pruned_at is not null) = @pruned
 order by p.batch;
