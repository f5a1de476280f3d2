-- Notes that an upload is still being staged; changes nothing if it was sealed, discarded or given up. Locks: the upload's row, so that abandoning the upload
-- waits for the rows, or comes first. Called by StageAsync.
update {schema}.uploads
   set staged_at = coalesce(@now, clock_timestamp())
 where upload = @upload
   and sealed_at is null
   and pruned_at is null;
