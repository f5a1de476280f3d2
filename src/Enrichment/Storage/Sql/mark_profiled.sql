-- Notes that a batch's answers are profiled as of an end, once; not if it was opened again or pruned since it was read. Called by NoteProfilesAsync, first in its transaction.
update {schema}.batches
   set profiled_version = @version
 where batch = @batch
   and version = @version
   and profiled_version is distinct from version
   and pruned_at is null;
