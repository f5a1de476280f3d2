-- Notes that nothing is left of a pruned batch but its own row, its events and its counters. Called by EmptyAsync, as its last step.
update {schema}.batches
   set emptied_at = coalesce(@now, clock_timestamp())
 where batch = @batch
   and pruned_at is not null
   and emptied_at is null;
