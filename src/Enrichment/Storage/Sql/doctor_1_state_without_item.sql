-- Invariant 1: every state belongs to an item of a launched batch. Called by ExamineAsync.
select s.stage, s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch
  from {schema}.workflow_states s
  left join {schema}.batch_items i on i.bucket = s.bucket and i.batch = s.batch and i.item = s.item
 where s.bucket between 0 and 63
   and i.item is null
 limit 100;
