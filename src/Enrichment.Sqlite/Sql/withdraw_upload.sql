-- Takes a sealed upload that no batch was launched from away from every reader, and frees its content: it is then one that was given up, so that the sweep
-- finishes a deletion that was interrupted. Index: batches_of_an_upload. Called by WithdrawUploadAsync.
update {schema}.uploads as u
   set sealed_at = null, pruned_at = @now, edition = -u.upload
 where u.upload = @upload
   and u.sealed_at is not null
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload);
