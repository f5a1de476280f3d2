-- Marks an upload as pruned once no batch needs its rows, and frees its content for another upload.
-- Index: batches_of_an_upload. Called by DeletePrunedAsync.
update {schema}.uploads as u
   set pruned_at = @now, edition = -u.upload
 where u.upload = @upload
   and u.pruned_at is null
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload and b.pruned_at is null);
