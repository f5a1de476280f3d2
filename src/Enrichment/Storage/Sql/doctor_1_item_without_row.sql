-- Invariant 1: every item of a batch that is not pruned is an accepted row of the batch's upload. Called by ExamineAsync.
select i.item, b.id as batch
  from {schema}.batch_items i
  join {schema}.batches b on b.batch = i.batch and b.pruned_at is null
  left join {schema}.upload_rows u on u.bucket = i.bucket and u.upload = b.upload and u.row = i.item
 where i.bucket between 0 and 63
   and u.row is null
 limit 100;
