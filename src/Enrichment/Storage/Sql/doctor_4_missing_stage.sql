-- Invariant 4: an item has a state at every stage before its last. Called by ExamineAsync.
select s.item, (select k.id from {schema}.batches k where k.batch = s.batch) as batch, s.stage, s.stage - 1 as earlier
  from {schema}.workflow_states s
  left join {schema}.workflow_states p on p.bucket = s.bucket and p.batch = s.batch and p.stage = s.stage - 1 and p.item = s.item
 where s.bucket between 0 and 63
   and s.stage > 1
   and p.item is null
 limit 100;
