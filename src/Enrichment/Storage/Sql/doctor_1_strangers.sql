-- Invariant 1: every state belongs to an item of a launched batch, and every item of one that is not pruned to an accepted row of the batch's upload. Called by ExamineAsync.
select 1 as invariant, format('a state at stage %s belongs to item %s, which batch %s does not have', s.stage, s.item, (select k.id from {schema}.batches k where k.batch = s.batch)) as detail
  from {schema}.workflow_states s
  left join {schema}.batch_items i on i.bucket = s.bucket and i.batch = s.batch and i.item = s.item
 where s.bucket between 0 and 63
   and i.item is null
union all
select 1, format('item %s of batch %s is no accepted row of its upload', i.item, b.id)
  from {schema}.batch_items i
  join {schema}.batches b on b.batch = i.batch and b.pruned_at is null
  left join {schema}.upload_rows u on u.bucket = i.bucket and u.upload = b.upload and u.row = i.item
 where i.bucket between 0 and 63
   and u.row is null
 limit 100;
