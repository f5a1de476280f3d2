-- Notes that an upload is still being staged; changes nothing if it was sealed, discarded or given up. Called by StageAsync.
update {schema}.uploads
   set staged_at = @now
 where upload = @upload
   and sealed_at is null
   and pruned_at is null;
