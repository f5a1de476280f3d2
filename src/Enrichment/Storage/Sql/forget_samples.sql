-- Removes the values of a pruned batch from profiles and findings; names and counts stay. Index: the primary key; findings are few. Called by DeletePrunedAsync.
update {schema}.answer_profiles
   set samples = null
 where client = (select b.client from {schema}.batches b where b.batch = @batch)
   and batch = @batch;

update {schema}.drift_findings
   set sample = null
 where client = (select b.client from {schema}.batches b where b.batch = @batch)
   and last_batch = @batch;
