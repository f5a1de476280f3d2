-- Invariant 3: an upload is pruned only once every batch of it is. Called by ExamineAsync.
select u.id as upload, b.id as batch
  from {schema}.uploads u
  join {schema}.batches b on b.upload = u.upload and b.pruned_at is null
 where u.pruned_at is not null
 limit 100;
