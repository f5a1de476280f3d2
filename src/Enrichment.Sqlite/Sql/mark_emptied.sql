-- Notes that nothing is left of a pruned batch but its own row, its events and its counters; under which limits its stages sent is forgotten. Called by EmptyAsync, as its last step.
delete from {schema}.stage_limits
 where batch = @batch;

update {schema}.batches
   set emptied_at = @now
 where batch = @batch
   and pruned_at is not null
   and emptied_at is null;
