-- Takes a sealed upload that no batch was launched from away from every reader, and frees its content: it is then one that was given up, so that the sweep
-- finishes a deletion that was interrupted. The lock comes first: a launch that holds it is waited for, and the next statement sees its batch.
-- Index: batches_of_an_upload. Called by WithdrawUploadAsync.
select u.upload
  from {schema}.uploads u
 where u.upload = @upload
   for update;

update {schema}.uploads u
   set sealed_at = null, pruned_at = coalesce(@now, clock_timestamp()), edition = -u.upload
 where u.upload = @upload
   and u.sealed_at is not null
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload);
