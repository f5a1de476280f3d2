-- Removes an open finding that its only batch no longer shows. Called by NoteProfilesAsync.
delete from {schema}.drift_findings
 where number = @number
   and status = {drift.open}
   and first_batch = @batch
   and last_batch = @batch;
