-- Marks an upload as pruned once no batch needs its rows, and frees its content for another upload. The lock comes first: a launch that holds it is waited for,
-- and the next statement sees its batch. Index: batches_of_an_upload. Called by DeletePrunedAsync.
select u.upload
  from {schema}.uploads u
 where u.upload = @upload
   for update;

update {schema}.uploads u
   set pruned_at = coalesce(@now, clock_timestamp()), edition = -u.upload
 where u.upload = @upload
   and u.pruned_at is null
   and not exists (select 1 from {schema}.batches b where b.upload = u.upload and b.pruned_at is null);
