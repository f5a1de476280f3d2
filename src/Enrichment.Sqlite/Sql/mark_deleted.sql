-- Notes that nothing is left of a pruned batch but its own row, its events and its counters; under which limits its stages sent is forgotten. Called by DeletePrunedAsync, as its last step.
delete from {schema}.stage_limits
 where batch = @batch;

update {schema}.batches
   set deleted_at = @now
 where batch = @batch
   and pruned_at is not null
   and deleted_at is null;
