-- The profiles of a step's version in the batches of the same client that were launched before one. Index: the primary key. Called by ReadProfilesAsync.
select p.batch, p.answers, p.counts, p.samples
  from {schema}.answer_profiles p
  join {schema}.batches b on b.client = p.client and b.batch = @batch
 where p.step = @step
   and p.version = @version
   and p.batch < @batch
 order by p.batch desc
 limit 20;
